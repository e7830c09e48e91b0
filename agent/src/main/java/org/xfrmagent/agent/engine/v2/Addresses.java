package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Narrowing;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Wishes;
import org.xfrmagent.agent.wire.ConfigType;
import org.xfrmagent.agent.wire.ConfigurationPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * Addresses inside the tunnel for the initiator of an IKE SA (RFC 7296, sections 2.19 and 3.15), and what it is told with them:
 *
 * <pre>
 *   HDR, SK{..., AUTH, CP(CFG_REQUEST), SA, TSi, TSr}  -->
 *              &lt;--  HDR, SK{..., AUTH, CP(CFG_REPLY), SA, TSi, TSr}
 *         or   &lt;--  HDR, SK{..., AUTH, N(INTERNAL_ADDRESS_FAILURE)}        there is none left
 *         or   &lt;--  HDR, SK{..., AUTH, N(FAILED_CP_REQUIRED)}              it has to ask, and did not
 * </pre>
 *
 * <p>Its children speak for those addresses only, however many it has asked for and got. They stay with the IKE SA, and with whatever that is
 * rekeyed to.
 */
final class Addresses {
    private Addresses() {}

    // ---- initiator: this host is to have some

    /** Whether this host is to be given addresses, and has none yet. */
    static boolean isAwaited(Session session) {
        return session.profile().filter(Addresses::asks).isPresent() && !(session.phase() instanceof Phase.Established);
    }

    static boolean asks(Profile profile) {
        return !profile.peer().local().virtualAddresses().isEmpty();
    }

    /** Our request; it names the addresses that we have already, under another IKE SA with the peer, or that the policy names. */
    static List<Payload> ask(Turn turn, Profile profile) {
        List<VirtualAddress> wanted = Wishes.naming(profile.peer().local().virtualAddresses(), turn.neighbours().given());
        return wanted.isEmpty() ? List.of() : List.of(Configuration.request(wanted));
    }

    /** What the answer gives us, if we have asked. */
    static InnerAddresses accept(Profile profile, List<Payload> answer) {
        return Configuration.payload(answer, ConfigType.CFG_REPLY)
                .flatMap(reply -> Configuration.given(reply, profile.peer().local().virtualAddresses()))
                .<InnerAddresses>map(given -> given)
                .orElse(InnerAddresses.none());
    }

    /** Why the answer gives us none, as far as it says. */
    static String why(List<Payload> answer) {
        return Payload.all(answer, NotifyPayload.class).stream()
                .filter(NotifyPayload::isError)
                .map(error -> ": it says " + Notify.nameOf(error.type()))
                .findFirst()
                .orElse("");
    }

    /** The IKE SA is up. The host has the addresses before a child is installed: jobs are done in order. */
    static void take(Turn turn, Profile profile) {
        if (turn.session().phase().inner() instanceof InnerAddresses.Given given) {
            turn.emit(new Event.Remark("the peer gave us " + InnerAddresses.text(given.addresses()) + given.servers().text()));
            turn.start(
                    new Job.TakeAddresses(given, turn.session().path().remote(), profile.behind()),
                    new Awaiting.HostAddresses(given.addresses()));
        }
    }

    /** This host has the addresses, or cannot have them. */
    static void taken(Turn turn, List<InetAddress> addresses, Result result) {
        if (result instanceof Result.Failed(String reason) && turn.session().phase() instanceof Phase.Established phase) {
            turn.change(session -> session.withPhase(phase.with(InnerAddresses.none())));
            turn.queueFirst(new Task.DeleteIke("this host cannot have " + InnerAddresses.text(addresses) + ": " + reason));
        }
    }

    /** RFC 4555: the peer is reached by another link or router from now on, and so is what is behind it. */
    static void follow(Turn turn) {
        if (turn.session().phase().inner() instanceof InnerAddresses.Given given) {
            turn.session().profile().ifPresent(profile -> turn.start(
                    new Job.TakeAddresses(given, turn.session().path().remote(), profile.behind()),
                    new Awaiting.HostAddressesMoved(given.addresses())));
        }
    }

    static void moved(Turn turn, List<InetAddress> addresses, Result result) {
        if (result instanceof Result.Taken) {
            turn.start(new Job.DropAddresses(addresses), new Awaiting.AddressesGone());
        } else if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark(InnerAddresses.text(addresses) + " stays where it was: " + reason));
        }
    }

    // ---- responder: the peer is to have some

    /** What the pools are to be asked for, if the peer asks us. */
    static Optional<Job.LeaseAddresses> wanted(Turn turn, Authentication peer, List<Payload> request) {
        List<Pool> pools = peer.profile().pools();
        List<VirtualAddress> wanted = Configuration.payload(request, ConfigType.CFG_REQUEST).map(Configuration::wanted).orElse(List.of());
        if (pools.isEmpty() || wanted.isEmpty()) {
            return Optional.empty();
        }
        List<InetAddress> granted = Arrays.stream(AddressFamily.values()).flatMap(family -> Eap.granted(turn, family).stream()).toList();
        List<VirtualAddress> named = Wishes.namingOpen(Wishes.naming(wanted, granted), held(turn, peer));
        return Optional.of(new Job.LeaseAddresses(pools, lessee(turn, peer), named));
    }

    static Lessee lessee(Turn turn, Authentication peer) {
        return turn.session().phase().user().<Lessee>map(Lessee.User::new).orElseGet(() -> new Lessee.Identity(peer.remote().toString()));
    }

    /** What it has under the IKE SA that this one may follow: the same peer, at the same place. */
    private static List<InetAddress> held(Turn turn, Authentication peer) {
        return turn.neighbours().lodgers().stream()
                .filter(other -> other.local().equals(peer.local()) && other.remote().equals(peer.remote())
                        && other.user().equals(turn.session().phase().user().orElse(""))
                        && other.path().equals(turn.session().path()))
                .map(Neighbours.Lodger::addresses)
                .findFirst()
                .orElse(List.of());
    }

    /** The pools have answered. */
    static InnerAddresses lent(Turn turn, Job.LeaseAddresses job, Result result) {
        if (result instanceof Result.Leased(List<Lease> leases)) {
            InnerAddresses lent = InnerAddresses.lent(leases);
            turn.emit(new Event.Remark("gave " + job.lessee().text() + " " + InnerAddresses.text(lent.theirs())));
            return lent;
        }
        if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark("the peer gets no address: " + reason));
        }
        return InnerAddresses.none();
    }

    /** Nobody waits for them any more. */
    static void releaseLate(Turn turn, Result result) {
        if (result instanceof Result.Leased(List<Lease> leases)) {
            release(turn, leases);
        }
    }

    /** The answer to its request. */
    static List<Payload> reply(Profile profile, InnerAddresses inner, List<Payload> request) {
        Optional<ConfigurationPayload> asked = Configuration.payload(request, ConfigType.CFG_REQUEST);
        return asked.isPresent() && inner instanceof InnerAddresses.Lent(List<Lease> leases)
                ? List.of(Configuration.reply(asked.get(), profile.pools(leases), inner.theirs()))
                : List.of();
    }

    /**
     * The IKE SA is up: may the first child be?
     *
     * @throws Refusal with what section 2.19 has for a peer that gets no address, or did not ask
     */
    static void check(Session session, Profile peer, List<Payload> request) {
        if (Configuration.payload(request, ConfigType.CFG_REQUEST).isPresent() && lacks(session, peer)) {
            throw new Refusal(Notify.INTERNAL_ADDRESS_FAILURE, "asks for an address, and gets none");
        }
        check(session, peer);
    }

    /** @throws Refusal if the peer was to have an address from us, and has none to speak for */
    static void check(Session session, Profile peer) {
        if (lacks(session, peer)) {
            throw new Refusal(Notify.FAILED_CP_REQUIRED, "has no address of the " + (peer.pools().size() == 1 ? "pool " : "pools ")
                    + peer.pools().stream().map(pool -> "'" + pool.name() + "'").collect(Collectors.joining(" and "))
                    + ", without which it can have no child");
        }
    }

    private static boolean lacks(Session session, Profile peer) {
        return !peer.pools().isEmpty() && !session.initiator() && session.phase().inner().theirs().isEmpty();
    }

    // ---- what children speak for

    /** Our side of a policy. Addresses that we were given are all that we speak for, if the policy covers them. */
    static List<TrafficSelector> local(Session session, ChildProfile child) {
        Selectors ours = child.policy().match().local();
        List<InetAddress> given = session.phase().inner().ours();
        if (!given.isEmpty()) {
            return granted(session, ours.at(given));
        }
        if (isAwaited(session) && ours instanceof Selectors.Dynamic(List<Selectors.Upper> upper)) {
            // Section 2.19: whichever addresses they will be.
            return asked(session).flatMap(family -> upper.stream().map(each -> each.at(AddressRange.all(family)))).toList();
        }
        return ours.at(session.path().local());
    }

    private static Stream<AddressFamily> asked(Session session) {
        return session.profile().stream().flatMap(profile -> profile.peer().local().virtualAddresses().stream()).map(VirtualAddress::family).distinct();
    }

    /** What is ours of the selectors that the peer grants us. */
    static List<TrafficSelector> granted(Session session, List<TrafficSelector> selectors) {
        List<InetAddress> given = session.phase().inner().ours();
        List<TrafficSelector> narrowed = given.isEmpty() ? selectors : Narrowing.narrow(selectors, alone(given));
        return narrowed.isEmpty() ? selectors : narrowed;
    }

    /** The peer's side of a policy: that is of all who get an address, and each may speak for its own only. */
    static List<TrafficSelector> remote(Session session, ChildProfile child) {
        Selectors theirs = child.policy().match().remote();
        List<InetAddress> lent = session.phase().inner().theirs();
        return lent.isEmpty() ? theirs.at(session.path().remote()) : Narrowing.narrow(theirs.at(lent), alone(lent));
    }

    private static List<TrafficSelector> alone(List<InetAddress> addresses) {
        return addresses.stream().map(TrafficSelector::of).toList();
    }

    // ---- the end

    /** The session does not need its addresses any more. */
    static void release(Turn turn) {
        switch (turn.session().phase().inner()) {
            case InnerAddresses.None() -> {}
            case InnerAddresses.Lent(List<Lease> leases) -> release(turn, leases);
            case InnerAddresses.Given(List<InetAddress> addresses, _) ->
                turn.start(new Job.DropAddresses(addresses), new Awaiting.AddressesGone());
        }
    }

    private static void release(Turn turn, List<Lease> leases) {
        turn.start(new Job.ReleaseAddresses(leases), new Awaiting.AddressesGone());
    }
}
