package org.xfrmagent.agent.daemon;

import java.security.PrivateKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.radius.RadiusClient;
import org.xfrmagent.agent.radius.RadiusConversation;
import org.xfrmagent.agent.tls.EapTls;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;

/**
 * What users and gateways are at, as far as an IKE session cannot hold it: engines of TLS, and how far a RADIUS server has come. Each is found
 * by its session's SPI, and forgotten when it is through or nothing has come for a while: a session that ends in its middle tells nobody.
 */
final class EapConversations {
    /** As long as a session waits for its user. */
    private static final long MEMORY_NANOS = 180_000_000_000L;

    /** Those that nothing has come for longest go first. */
    private static final int MOST = 4_096;

    private final Map<Long, Live> live = new LinkedHashMap<>();
    /** What RADIUS servers have granted, until the user is accounted for. */
    private final Map<Long, EapGrant> granted = new LinkedHashMap<>();
    private final RadiusClient radius = new RadiusClient();

    /** @param since when it last went on, {@link System#nanoTime} */
    private record Live(Machine machine, long since) {}

    /** What remembers. */
    private sealed interface Machine {
        record Tls(EapTls tls) implements Machine {}

        record Radius(RadiusConversation conversation) implements Machine {}
    }

    /** Does one round; rounds of one session come one after the other. */
    EapWork.Result work(Job.EapRound round) {
        EapWork.Result result = switch (round.work()) {
            case EapWork.BeginAsServer(EapType method, String identity) -> method.equals(EapType.TLS)
                    ? begin(round, round.peer().local().id(), identity, true, EapTls::start)
                    : new EapWork.Result.Refused(method + " is not served here: a RADIUS server may have it ('methods: radius')");
            case EapWork.BeginAsPeer(EapType method, String identity, Bytes data) -> method.equals(EapType.TLS)
                    ? begin(round, Identity.parse(identity), identity, false, tls -> tls.next(data))
                    : new EapWork.Result.Refused("the gateway wants " + method + ", which we do not have");
            case EapWork.Next(Bytes data) -> next(round.conversation(), data);
            case EapWork.Relay(EapPacket response, String identity) -> granting(round.conversation(), relay(round, response, identity));
            case EapWork.Password(String user, Secret password) -> granting(round.conversation(), judge(round, user, password));
        };
        if (result instanceof EapWork.Result.Proven || result instanceof EapWork.Result.Refused || result instanceof EapWork.Result.Rejected) {
            forget(round.conversation());
        }
        return result;
    }

    private synchronized EapWork.Result granting(long conversation, EapWork.Result result) {
        switch (result) {
            case EapWork.Result.Proven(EapProof proof, _) -> granted.put(conversation, proof.grant());
            case EapWork.Result.LetIn(_, EapGrant grant) -> granted.put(conversation, grant);
            case EapWork.Result.Said _, EapWork.Result.Relayed _, EapWork.Result.Refused _, EapWork.Result.Rejected _ -> {}
        }
        // A user that was granted something, and does not come, tells nobody.
        Iterator<Long> eldest = granted.keySet().iterator();
        while (granted.size() > MOST) {
            eldest.next();
            eldest.remove();
        }
        return result;
    }

    /** What a RADIUS server has granted in this conversation, once. */
    synchronized Optional<EapGrant> takeGrant(long conversation) {
        return Optional.ofNullable(granted.remove(conversation));
    }

    private EapWork.Result next(long conversation, Bytes data) {
        if (find(conversation).orElse(null) instanceof Machine.Tls machine) {
            keep(conversation, machine);
            return machine.tls().next(data);
        }
        return forgotten();
    }

    private static EapWork.Result forgotten() {
        return new EapWork.Result.Refused("the conversation has waited too long, and is forgotten");
    }

    private EapWork.Result begin(Job.EapRound round, Identity ours, String claimed, boolean server, Function<EapTls, EapWork.Result> first) {
        Credentials credentials = round.credentials();
        Peer peer = round.peer();
        Identity local = ours instanceof Identity.Any ? new Identity.Ip(round.path().local()) : ours;
        Optional<Credentials.Own> own = credentials.own(peer, local, List.of())
                .or(() -> server ? Optional.empty() : credentials.own(peer, peer.local().id(), List.of()));
        Optional<PrivateKey> key = own.flatMap(found -> SigningKeys.forTls(found.key()));
        if (own.isEmpty() || key.isEmpty()) {
            return new EapWork.Result.Refused("EAP-TLS: there is no certificate of '" + local + "' with a private key in memory");
        }
        EapTls tls = server
                ? EapTls.server(own.get().chain(), key.get(), chain -> user(credentials, peer, claimed, chain))
                : EapTls.peer(own.get().chain(), key.get(), chain -> gateway(credentials, peer, chain));
        keep(round.conversation(), new Machine.Tls(tls));
        return first.apply(tls);
    }

    /** The user is whom the certificate names: by the name that it goes by here if that is among them, else by its subject. */
    private static EapTls.Verdict user(Credentials credentials, Peer peer, String claimed, List<Bytes> chain) {
        List<Identity> names = credentials.named(chain.getFirst());
        Optional<Identity> same = names.stream().filter(name -> isSpelled(name, claimed)).findFirst();
        return same.or(() -> names.stream().findFirst())
                .map(identity -> credentials.objection(peer, identity, chain)
                        .<EapTls.Verdict>map(EapTls.Verdict.Refused::new)
                        .orElseGet(() -> new EapTls.Verdict.Is(same.isPresent() ? claimed : identity.toString())))
                .orElseGet(() -> new EapTls.Verdict.Refused("the user's certificate names nobody"));
    }

    private static boolean isSpelled(Identity name, String claimed) {
        try {
            return name.equals(Identity.parse(claimed));
        } catch (IllegalArgumentException noIdentity) {
            return false;
        }
    }

    /** Who the policy says is behind the gateway, or the gateway itself. */
    private static EapTls.Verdict gateway(Credentials credentials, Peer peer, List<Bytes> chain) {
        Identity expected = peer.local().eap().aaa().orElse(peer.remote().id());
        List<Identity> names = credentials.named(chain.getFirst());
        return names.stream()
                .filter(name -> name.matches(expected))
                .findFirst()
                .map(identity -> credentials.objection(peer, identity, chain)
                        .<EapTls.Verdict>map(EapTls.Verdict.Refused::new)
                        .orElseGet(() -> new EapTls.Verdict.Is(identity.toString())))
                .orElseGet(() -> new EapTls.Verdict.Refused("the server's certificate is of " + names + ", expected " + expected));
    }

    private EapWork.Result relay(Job.EapRound round, EapPacket response, String identity) {
        Optional<Credentials.Judges> servers = round.credentials().radius();
        if (servers.isEmpty()) {
            return nobody();
        }
        boolean begun = response instanceof EapPacket.Response(_, EapType type, _) && !type.equals(EapType.IDENTITY) || response instanceof EapPacket.Nak;
        Optional<Machine> known = find(round.conversation());
        if (begun && known.isEmpty()) {
            return forgotten();
        }
        RadiusConversation conversation = known.orElse(null) instanceof Machine.Radius(var going) ? going : conversation(round, servers.get());
        keep(round.conversation(), new Machine.Radius(conversation));
        return conversation.relay(response, identity);
    }

    private EapWork.Result judge(Job.EapRound round, String user, Secret password) {
        try {
            return round.credentials().radius()
                    .map(servers -> conversation(round, servers).judge(user, password))
                    .orElseGet(EapConversations::nobody);
        } finally {
            password.wipe();
        }
    }

    private static EapWork.Result nobody() {
        return new EapWork.Result.Refused("there is no RADIUS server: expected some under 'radius' in the policies");
    }

    private RadiusConversation conversation(Job.EapRound round, Credentials.Judges servers) {
        Path path = round.path();
        return new RadiusConversation(
                radius, servers.servers(), servers.groupsFrom(),
                new RadiusConversation.Station(
                        servers.nas(), path.local(), path.localPort(), path.remote(), path.remotePort(), round.peer().name()));
    }

    private synchronized Optional<Machine> find(long conversation) {
        return Optional.ofNullable(live.get(conversation)).map(Live::machine);
    }

    private synchronized void forget(long conversation) {
        live.remove(conversation);
    }

    private synchronized void keep(long conversation, Machine machine) {
        long now = System.nanoTime();
        live.remove(conversation);
        Iterator<Live> eldest = live.values().iterator();
        while (eldest.hasNext()) {
            if (now - eldest.next().since < MEMORY_NANOS && live.size() < MOST) {
                break;
            }
            eldest.remove();
        }
        live.put(conversation, new Live(machine, now));
    }
}
