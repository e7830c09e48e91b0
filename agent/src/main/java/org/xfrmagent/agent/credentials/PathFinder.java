package org.xfrmagent.agent.credentials;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the certificates between one and somebody who is believed. Each step is taken only if the signature holds, and the number of
 * signatures is bounded: whoever shows many certificates of the same name must not have us compute for long.
 */
final class PathFinder {
    /** Certificates from the end to the anchor, both counted. */
    static final int LONGEST = 8;

    private static final int MOST_SIGNATURES = 48;

    private final List<ParsedCertificate> anchors;
    private final List<ParsedCertificate> between;
    private int signatures;

    /**
     * A path.
     *
     * @param certificates from the end to the one that the anchor has signed; none if the end is the anchor
     */
    record Path(List<ParsedCertificate> certificates, ParsedCertificate anchor) {
        Path {
            certificates = List.copyOf(certificates);
        }

        /** Who has issued the certificate at {@code index}. */
        ParsedCertificate issuer(int index) {
            return index + 1 < certificates.size() ? certificates.get(index + 1) : anchor;
        }
    }

    private PathFinder(List<ParsedCertificate> anchors, List<ParsedCertificate> between) {
        this.anchors = anchors;
        this.between = between;
    }

    /** All paths, the shortest first; of what is wrong with them only their signatures are known to be right. */
    static List<Path> paths(ParsedCertificate end, List<ParsedCertificate> anchors, List<ParsedCertificate> between) {
        List<Path> found = new ArrayList<>();
        PathFinder finder = new PathFinder(anchors, between);
        List<List<ParsedCertificate>> open = List.of(List.of(end));
        for (int length = 1; length < LONGEST && !open.isEmpty(); length++) {
            List<List<ParsedCertificate>> longer = new ArrayList<>();
            for (List<ParsedCertificate> path : open) {
                finder.anchor(path).ifPresent(found::add);
                longer.addAll(finder.extended(path));
            }
            open = longer;
        }
        return found;
    }

    private Optional<Path> anchor(List<ParsedCertificate> path) {
        if (anchors.contains(path.getLast())) {
            return Optional.empty();
        }
        return anchors.stream().filter(anchor -> hasSigned(anchor, path.getLast())).findFirst().map(anchor -> new Path(path, anchor));
    }

    private List<List<ParsedCertificate>> extended(List<ParsedCertificate> path) {
        List<List<ParsedCertificate>> longer = new ArrayList<>();
        for (ParsedCertificate issuer : between) {
            if (issuer.isAuthority() && !path.contains(issuer) && !anchors.contains(issuer) && hasSigned(issuer, path.getLast())) {
                List<ParsedCertificate> next = new ArrayList<>(path);
                next.add(issuer);
                longer.add(next);
            }
        }
        return longer;
    }

    private boolean hasSigned(ParsedCertificate issuer, ParsedCertificate subject) {
        return subject.x509().getIssuerX500Principal().equals(issuer.x509().getSubjectX500Principal())
                && signatures++ < MOST_SIGNATURES
                && subject.isSignedBy(issuer);
    }
}
