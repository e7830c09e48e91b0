package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.PskSecret;

/** Secrets by their owners: of many, few can be for a given pair. */
final class KeyRing {
    private final List<PskSecret> all;
    private final List<PskSecret> ofMany = new ArrayList<>();
    private final Map<Identity, List<PskSecret>> byOwner = new HashMap<>();
    /** Those that name nobody else. */
    private final Map<Identity, List<PskSecret>> byOnlyOwner = new HashMap<>();

    KeyRing(List<PskSecret> secrets) {
        this.all = secrets.stream().filter(secret -> !secret.postquantum()).toList();
        for (PskSecret secret : all) {
            Set<Identity> owners = new HashSet<>(secret.owners());
            if (owners.isEmpty() || owners.stream().anyMatch(Identity::isPattern)) {
                ofMany.add(secret);
            } else {
                owners.forEach(owner -> byOwner.computeIfAbsent(owner, _ -> new ArrayList<>(1)).add(secret));
                if (owners.size() == 1) {
                    byOnlyOwner.computeIfAbsent(secret.owners().getFirst(), _ -> new ArrayList<>(1)).add(secret);
                }
            }
        }
    }

    /** Those that fit as {@link PskSecret#fit} has it, where the remote side may still be anybody of a pattern. */
    List<PskSecret> fitting(Identity local, Identity remote) {
        Set<PskSecret> candidates = new LinkedHashSet<>(remote.isPattern() ? all : ofMany);
        candidates.addAll(byOwner.getOrDefault(remote, List.of()));
        candidates.addAll(byOnlyOwner.getOrDefault(local, List.of()));
        return candidates.stream().filter(secret -> fits(secret, local, remote)).toList();
    }

    private static boolean fits(PskSecret secret, Identity local, Identity remote) {
        return secret.fit(local, remote) > 0
                || remote.isPattern() && secret.owners().stream().anyMatch(owner -> !owner.equals(local) && owner.matches(remote));
    }
}
