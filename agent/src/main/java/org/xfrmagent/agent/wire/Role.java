package org.xfrmagent.agent.wire;

/** Whose value a payload carries: the letter in IDi and IDr, TSi and TSr. */
public enum Role {
    INITIATOR,
    RESPONDER
}
