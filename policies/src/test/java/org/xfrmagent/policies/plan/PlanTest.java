package org.xfrmagent.policies.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TrafficSelector;

class PlanTest {
    private static final Match ANY = new Match(new Selectors.Fixed(List.of(TrafficSelector.ANY_V4)),
            new Selectors.Fixed(List.of(TrafficSelector.ANY_V4)));

    private static Policy bypass(String name) {
        return new Policy(name, ANY, new Action.Bypass());
    }

    private static Policy discard(String name) {
        return new Policy(name, ANY, new Action.Discard());
    }

    private static Peer peer(String name, int port) {
        Side side = new Side(List.of(Host.any()), port, Identity.parse(name), Auth.PSK);
        return Peer.of(name, side, side);
    }

    private static PskSecret secret(String name) {
        return new PskSecret(new SecretRef.FromCredential(name), List.of());
    }

    private static PolicySet withAuthority(String certificate, String crl, String key) {
        CertificateRef file = new CertificateRef.FromFile(Path.of(certificate));
        return new PolicySet(List.of(), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN, new PublicKeys(
                List.of(new Authority("ca", file, List.of(URI.create(crl)), List.of())), List.of(), List.of(),
                List.of(PrivateKeyRef.of(new SecretRef.FromCredential(key)))));
    }

    @Test
    void authorities_come_change_and_go_by_name_and_certificates_together() {
        PolicySet one = withAuthority("ca.pem", "http://a.example/", "key");
        assertThat(Plan.between(PolicySet.EMPTY, one)).extracting(Change::summary).containsExactly("+ authority ca", "~ certificates");
        assertThat(Plan.between(one, withAuthority("ca.pem", "http://b.example/", "key"))).extracting(Change::summary).containsExactly("~ authority ca");
        assertThat(Plan.between(one, withAuthority("ca.pem", "http://a.example/", "other"))).extracting(Change::summary).containsExactly("~ certificates");
        assertThat(Plan.between(one, PolicySet.EMPTY)).extracting(Change::summary).containsExactly("~ certificates", "- authority ca");
        assertThat(Plan.between(one, one)).isEmpty();
    }

    private static Pool pool(String name, String range) {
        return new Pool(name, List.of(AddressRange.parse(range)), List.of());
    }

    private static PolicySet policies(Policy... policies) {
        return new PolicySet(List.of(), List.of(policies), List.of(), List.of());
    }

    private static List<String> summary(PolicySet now, PolicySet wanted) {
        return Plan.between(now, wanted).stream().map(Change::summary).toList();
    }

    @Test
    void the_same_again_changes_nothing() {
        PolicySet set = new PolicySet(List.of(peer("sun", Defaults.PORT)), List.of(protect("lan")), List.of(secret("a")),
                List.of(pool("staff", "10.0.0.0/8")));
        PolicySet again = new PolicySet(List.of(peer("sun", Defaults.PORT)), List.of(protect("lan")), List.of(secret("a")),
                List.of(pool("staff", "10.0.0.0/8")));
        assertThat(Plan.between(set, again)).isEmpty();
    }

    private static Policy protect(String name) {
        return new Policy(name, ANY, Action.Protect.with("sun"));
    }

    @Test
    void only_what_differs_changes() {
        assertThat(summary(policies(bypass("a"), bypass("b"), bypass("c")), policies(bypass("a"), discard("b"), bypass("d"), bypass("c"))))
                .containsExactly("~ policy b", "+ policy d");
    }

    @Test
    void a_new_order_is_a_change_because_the_first_match_wins() {
        assertThat(summary(policies(bypass("a"), discard("b")), policies(discard("b"), bypass("a")))).containsExactly("~ order b, a");
        assertThat(summary(policies(bypass("a"), bypass("b"), bypass("c")), policies(bypass("a"), bypass("c")))).containsExactly("- policy b");
    }

    @Test
    void what_a_policy_needs_is_there_before_it_and_goes_after_it() {
        PolicySet now = new PolicySet(List.of(peer("mars", 500)), List.of(bypass("old")), List.of(secret("old")), List.of(pool("old", "10.0.0.0/8")));
        PolicySet wanted = new PolicySet(List.of(peer("sun", 500)), List.of(bypass("new")), List.of(secret("new")), List.of(pool("new", "10.0.0.0/8")));
        assertThat(summary(now, wanted)).containsExactly("+ pool new", "+ secret credential:new", "+ peer sun", "- policy old", "+ policy new",
                "- peer mars", "- secret credential:old", "- pool old");
    }

    @Property(tries = 500)
    void done_in_order_the_changes_give_what_was_wanted(@ForAll("sets") PolicySet now, @ForAll("sets") PolicySet wanted) {
        List<Change> changes = Plan.between(now, wanted);
        PolicySet result = apply(now, changes);
        assertThat(result.policies()).isEqualTo(wanted.policies());
        assertThat(new HashSet<>(result.peers())).isEqualTo(new HashSet<>(wanted.peers()));
        assertThat(new HashSet<>(result.secrets())).isEqualTo(new HashSet<>(wanted.secrets()));
        assertThat(new HashSet<>(result.pools())).isEqualTo(new HashSet<>(wanted.pools()));
        assertThat(result.limits()).isEqualTo(wanted.limits());
        assertThat(Plan.between(result, wanted)).isEmpty();
    }

    private static PolicySet apply(PolicySet now, List<Change> changes) {
        Map<String, Peer> peers = new LinkedHashMap<>();
        now.peers().forEach(peer -> peers.put(peer.name(), peer));
        Map<String, Pool> pools = new LinkedHashMap<>();
        now.pools().forEach(pool -> pools.put(pool.name(), pool));
        List<PskSecret> secrets = new ArrayList<>(now.secrets());
        List<Policy> policies = new ArrayList<>(now.policies());
        List<HalfOpenLimits> limits = new ArrayList<>(List.of(now.limits()));
        for (Change change : changes) {
            switch (change) {
                case Change.AddPeer it -> assertThat(peers.put(it.peer().name(), it.peer())).isNull();
                case Change.ChangePeer it -> assertThat(peers.put(it.after().name(), it.after())).isEqualTo(it.before());
                case Change.RemovePeer it -> assertThat(peers.remove(it.peer().name())).isEqualTo(it.peer());
                case Change.AddPolicy it -> policies.add(it.index(), it.policy());
                case Change.ChangePolicy it -> policies.set(policies.indexOf(it.before()), it.after());
                case Change.RemovePolicy it -> assertThat(policies.remove(it.policy())).isTrue();
                case Change.Reorder it -> policies.sort(Comparator.comparingInt(policy -> it.names().indexOf(policy.name())));
                case Change.AddSecret it -> secrets.add(it.secret());
                case Change.RemoveSecret it -> assertThat(secrets.remove(it.secret())).isTrue();
                case Change.AddPool it -> assertThat(pools.put(it.pool().name(), it.pool())).isNull();
                case Change.ChangePool it -> assertThat(pools.put(it.after().name(), it.after())).isEqualTo(it.before());
                case Change.ChangeUsers it -> assertThat(it.before()).isNotEqualTo(it.after());
                case Change.ChangeRadius it -> assertThat(it.before()).isNotEqualTo(it.after());
                case Change.ChangeLimits it -> assertThat(limits.set(0, it.after())).isEqualTo(it.before());
                case Change.AddAuthority _, Change.ChangeAuthority _, Change.RemoveAuthority _, Change.ChangeCertificates _ ->
                    throw new AssertionError("these sets have no certificates");
                case Change.RemovePool it -> assertThat(pools.remove(it.pool().name())).isEqualTo(it.pool());
            }
        }
        return new PolicySet(List.copyOf(peers.values()), policies, secrets, List.copyOf(pools.values()), limits.getFirst());
    }

    @Provide
    Arbitrary<PolicySet> sets() {
        Arbitrary<String> names = Arbitraries.of("a", "b", "c", "d", "e");
        Arbitrary<List<Peer>> peers = Combinators.combine(names, Arbitraries.of(500, 501)).as(PlanTest::peer).list().ofMaxSize(4)
                .uniqueElements(Peer::name);
        Arbitrary<List<Policy>> policies = Combinators.combine(names, Arbitraries.of(true, false))
                .as((name, pass) -> pass ? bypass(name) : discard(name)).list().ofMaxSize(5).uniqueElements(Policy::name);
        Arbitrary<List<PskSecret>> secrets = names.map(PlanTest::secret).list().ofMaxSize(3).uniqueElements();
        Arbitrary<List<Pool>> pools = Combinators.combine(names, Arbitraries.of("10.0.0.0/8", "10.1.0.0/16")).as(PlanTest::pool).list()
                .ofMaxSize(3).uniqueElements(Pool::name);
        Arbitrary<HalfOpenLimits> limits = Arbitraries.of(Defaults.HALF_OPEN, new HalfOpenLimits(1, 2, 3, 4));
        return Combinators.combine(peers, policies, secrets, pools, limits).as(PolicySet::new);
    }
}
