package org.xfrmagent.policies.model;

/**
 * A postquantum pre-shared key that goes into the keys of an IKE SA besides the key exchange (RFC 8784).
 *
 * @param id which key: both sides know it by this name
 * @param required whether there is no IKE SA without it
 */
public record Ppk(Identity id, boolean required) {}
