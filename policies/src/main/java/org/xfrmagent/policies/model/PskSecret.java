package org.xfrmagent.policies.model;

import java.util.List;

/**
 * A pre-shared key: one by which the two ends of an IKE SA prove who they are, or a postquantum one that goes into its keys.
 *
 * @param ref where it is
 * @param owners whose it is: usually both ends, patterns allowed; empty = anybody's; of a postquantum one the names by which both ends know it
 * @param postquantum whether it is one of RFC 8784
 */
public record PskSecret(SecretRef ref, List<Identity> owners, boolean postquantum) {
    public PskSecret(SecretRef ref, List<Identity> owners) {
        this(ref, owners, false);
    }

    public PskSecret {
        owners = List.copyOf(owners);
    }

    /** Whether it is the postquantum key of this name. */
    public boolean isNamed(Identity id) {
        return postquantum && (owners.isEmpty() || owners.stream().anyMatch(id::matches));
    }

    /**
     * How well this key fits a pair of identities: 0 = not at all; a key that names the remote side beats one that does not, one
     * that names both beats one that names one, and an exact name beats a pattern.
     */
    public int fit(Identity local, Identity remote) {
        if (postquantum) {
            return 0;
        }
        if (owners.isEmpty()) {
            return 1;
        }
        int theirs = owners.stream().mapToInt(owner -> quality(remote, owner)).max().orElse(0);
        int ours = owners.stream().mapToInt(owner -> quality(local, owner)).max().orElse(0);
        // A list with only our own name in it is a key for all who call us; a pattern may mean others and is not enough.
        boolean onlyOurs = owners.stream().allMatch(owner -> owner.equals(local) && !owner.isPattern());
        if (theirs == 0 && !onlyOurs) {
            return 0;
        }
        return 1 + 4 * theirs + ours;
    }

    private static int quality(Identity who, Identity owner) {
        return owner.equals(who) && !owner.isPattern() ? 3 : who.matches(owner) ? owner instanceof Identity.Any ? 1 : 2 : 0;
    }
}
