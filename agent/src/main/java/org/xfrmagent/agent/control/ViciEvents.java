package org.xfrmagent.agent.control;

import java.util.Set;

/** The events a client may register for. */
final class ViciEvents {
    static final String LIST_SA = "list-sa";
    static final String LIST_CONN = "list-conn";
    static final String LIST_POLICY = "list-policy";
    static final String LIST_CERT = "list-cert";
    static final String LIST_AUTHORITY = "list-authority";
    static final String CONTROL_LOG = "control-log";
    static final String LOG = "log";
    static final String IKE_UPDOWN = "ike-updown";
    static final String CHILD_UPDOWN = "child-updown";
    static final String CHILD_REKEY = "child-rekey";
    static final String IKE_REKEY = "ike-rekey";
    static final String IKE_UPDATE = "ike-update";
    static final String ALERT = "alert";
    /** Our own: one for each policy of the SPD, in its order. */
    static final String AGENT_POLICY = "agent-policy";

    static final Set<String> NAMES = Set.of(
            LIST_SA, LIST_CONN, LIST_POLICY, LIST_CERT, LIST_AUTHORITY, CONTROL_LOG, LOG, IKE_UPDOWN, CHILD_UPDOWN, CHILD_REKEY,
            IKE_REKEY, IKE_UPDATE, ALERT, AGENT_POLICY);

    /** What happens to SAs. */
    static final Set<String> OF_SAS = Set.of(IKE_UPDOWN, CHILD_UPDOWN, CHILD_REKEY, IKE_REKEY, IKE_UPDATE);

    private ViciEvents() {}
}
