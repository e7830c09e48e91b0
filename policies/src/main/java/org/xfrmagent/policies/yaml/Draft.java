package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.xfrmagent.policies.grammar.CertificateGrammar;
import org.xfrmagent.policies.grammar.Grammar;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Named;
import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.RadiusGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.grammar.SpdGrammar;
import org.xfrmagent.policies.grammar.Where;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.User;
import org.xfrmagent.policies.secrets.SecretReader;

/** What has been read so far, of all files: peers first, because policies refer to them from anywhere. */
final class Draft {
    /** Before all ranks. */
    private static final long OF_FILES = Long.MIN_VALUE;

    private final Problems problems;
    private final Map<String, Position> names = new HashMap<>();
    private final Map<String, Optional<Located<Peer>>> peers = new LinkedHashMap<>();
    private final List<Pool> pools = new ArrayList<>();
    private final List<Entry> policies = new ArrayList<>();
    private boolean isPlain = true;
    private final List<Located<PskSecret>> secrets = new ArrayList<>();
    private final List<Located<User>> users = new ArrayList<>();
    private final PublicKeyReader publicKeys = new PublicKeyReader();
    private final RadiusReader radius = new RadiusReader();
    private HalfOpenLimits limits = Defaults.HALF_OPEN;
    private boolean secretsAreGood = true;

    Draft(Problems problems) {
        this.problems = problems;
    }

    /** A policy, read or not yet: its peer may come later. */
    private sealed interface Entry {
        long rank();
    }

    private record Unread(Section section, long rank) implements Entry {}

    private record Read(Located<Policy> policy, long rank) implements Entry {}

    /** All that was read, and what its checks have found out about it. */
    record Finished(PolicySet policies, SpdMemory spd) {}

    void add(Source source, List<Section> documents) {
        Iterator<Long> ranks = source.ranks().iterator();
        for (Section document : documents) {
            add(document, source);
            document.get(Grammar.POLICIES).orElse(List.of()).forEach(policy -> policies.add(new Unread(policy, ranks.hasNext() ? ranks.next() : OF_FILES)));
        }
    }

    private void add(Section file, Source source) {
        file.get(Grammar.PEERS).orElse(List.of()).forEach(peer -> peer(peer, source));
        file.get(CertificateGrammar.AUTHORITIES).orElse(List.of()).forEach(authority -> authority(authority, source));
        publicKeys.lists(file, source.folder());
        file.get(Grammar.POOLS).orElse(List.of()).forEach(this::pool);
        isPlain &= !file.has(Grammar.LIMITS) && !file.has(RadiusGrammar.RADIUS);
        if (file.has(Grammar.LIMITS) && isNew("limits", "", file.at(Grammar.LIMITS), file.where(Grammar.LIMITS))) {
            limits = file.get(Grammar.LIMITS).map(LimitsReader::read).orElse(limits);
        }
        if (file.has(RadiusGrammar.RADIUS) && isNew("radius", "", file.at(RadiusGrammar.RADIUS), file.where(RadiusGrammar.RADIUS))) {
            file.get(RadiusGrammar.RADIUS).ifPresent(section -> radius.read(section, source.folder()));
        }
        file.get(Grammar.USERS).orElse(List.of()).forEach(user -> user(user, source));
        for (Section section : file.get(Grammar.SECRETS).orElse(List.of())) {
            Optional<Located<PskSecret>> secret = SecretEntryReader.read(section, source.folder());
            secretsAreGood &= secret.isPresent();
            secret.ifPresent(secrets::add);
        }
    }

    private void user(Named named, Source source) {
        if (isNew("user", named.name(), named.at(), named.section().where())) {
            SecretEntryReader.user(named, source.folder()).ifPresent(users::add);
        }
    }

    private void peer(Named named, Source source) {
        Where where = named.section().where();
        if (isNew("peer", named.name(), named.at(), where)) {
            peers.put(named.name(), PeerReader.read(named, source.folder()).map(peer -> new Located<>(peer, named.at())));
            publicKeys.peer(named.section(), source.folder());
        }
    }

    private void authority(Named named, Source source) {
        if (isNew("authority", named.name(), named.at(), named.section().where())) {
            publicKeys.authority(named, source.folder());
        }
    }

    private void pool(Named named) {
        if (isNew("pool", named.name(), named.at(), named.section().where())) {
            PoolReader.read(named).ifPresent(pools::add);
        }
    }

    private boolean isNew(String noun, String name, Position at, Where where) {
        Position first = names.putIfAbsent(noun + " " + name, at);
        if (first != null) {
            where.says(at, "this name is already taken at " + first);
        }
        return first == null;
    }

    /** Reads its policies: it has all their peers. */
    void settle() {
        policies.replaceAll(entry -> switch (entry) {
            case Unread(Section section, long rank) -> read(section).<Entry>map(policy -> new Read(policy, rank)).orElse(entry);
            case Read _ -> entry;
        });
    }

    private Optional<Located<Policy>> read(Section section) {
        boolean unique = section.get(SpdGrammar.NAME)
                .filter(name -> !isNew("policy", name, section.at(SpdGrammar.NAME), section.where())).isEmpty();
        return new SpdReader(section, peers).read().filter(_ -> unique);
    }

    List<Problem> warnings() {
        return problems.warnings();
    }

    /**
     * Adds what was read on its own and settled, as if it had been read here.
     *
     * @return false, and nothing is added, where that would not be the same: then it is to be read here
     */
    boolean takes(Draft piece) {
        if (!piece.isPlain || !piece.problems.isEmpty() || !Collections.disjoint(names.keySet(), piece.names.keySet())) {
            return false;
        }
        names.putAll(piece.names);
        peers.putAll(piece.peers);
        pools.addAll(piece.pools);
        policies.addAll(piece.policies);
        secrets.addAll(piece.secrets);
        users.addAll(piece.users);
        publicKeys.add(piece.publicKeys);
        return true;
    }

    /** @param memory of policies that were checked with each other before */
    Finished finish(SecretReader reader, SpdMemory memory) {
        settle();
        List<Located<Policy>> entries = policies.stream().sorted(Comparator.comparingLong(Entry::rank))
                .<Located<Policy>>mapMulti((entry, found) -> {
                    if (entry instanceof Read(Located<Policy> policy, long _)) {
                        found.accept(policy);
                    }
                })
                .toList();
        List<Located<Peer>> goodPeers = peers.values().stream().flatMap(Optional::stream).toList();
        SpdMemory spd = new SpdChecks(entries, goodPeers, problems).run(memory);
        goodPeers.forEach(this::checkReferences);
        SecretChecks secretChecks = new SecretChecks(secrets, users, problems);
        secretChecks.resolve(reader);
        secretChecks.resolve(reader, radius.servers());
        radius.cover(goodPeers, problems);
        if (secretsAreGood) {
            secretChecks.cover(goodPeers);
        }
        PublicKeyChecks publicKeyChecks = new PublicKeyChecks(publicKeys, problems);
        publicKeyChecks.resolve(reader);
        publicKeyChecks.cover(goodPeers);
        return new Finished(new PolicySet(goodPeers.stream().map(Located::value).toList(), entries.stream().map(Located::value).toList(),
                secrets.stream().map(Located::value).toList(), users.stream().map(Located::value).toList(), pools, limits,
                publicKeys.read(), radius.read()), spd);
    }

    private void checkReferences(Located<Peer> peer) {
        boolean password = peer.value().local().auth() != Auth.EAP || peer.value().local().eap().hasPasswords();
        peer.value().local().user().filter(name -> password && !Source.isLoaded(peer.at()) && !names.containsKey("user " + name)).ifPresent(name -> problems.problem(
                peer.at(), "peer '" + peer.value().name() + "': user is '" + name + "', and there is none of that name under 'users'"));
        peer.value().pools().stream().filter(name -> !names.containsKey("pool " + name)).forEach(name -> problems.problem(
                peer.at(), "peer '" + peer.value().name() + "': pool is '" + name + "', and there is none of that name under 'pools', expected one of "
                        + pools.stream().map(Pool::name).toList()));
    }
}
