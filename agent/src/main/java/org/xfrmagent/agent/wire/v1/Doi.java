package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.wire.Section;

/** The Domain of Interpretation: IPsec's (RFC 2407), or ISAKMP's own, which some send in notifications. */
final class Doi {
    static final int ISAKMP = 0;
    static final int IPSEC = 1;

    private Doi() {}

    static void read(Section in) {
        int doi = in.i32();
        if (doi != IPSEC) {
            throw in.malformed("the DOI is " + Integer.toUnsignedString(doi) + ", expected IPsec (1)");
        }
    }

    /** In notifications and deletes, where RFC 2408 itself has a use for DOI 0. */
    static void readEither(Section in) {
        int doi = in.i32();
        if (doi != IPSEC && doi != ISAKMP) {
            throw in.malformed("the DOI is " + Integer.toUnsignedString(doi) + ", expected IPsec (1) or ISAKMP (0)");
        }
    }
}
