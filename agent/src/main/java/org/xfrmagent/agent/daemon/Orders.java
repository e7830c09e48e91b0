package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;

/**
 * What users ask for, and what became of it: each order goes to the shards, and its answer is complete when the events say so. All
 * that is known about waiting orders is read on the shards' threads.
 */
final class Orders {
    /** Somebody waits for a child, or for the IKE SA if no policy is named. */
    private record Waiting(String peer, Optional<String> policy, CompletableFuture<Answer> answer) {}

    /** One SA that is to go: a child by its serial, or the whole session. */
    private record Target(long session, Optional<Integer> child) {
        private boolean isGone(Session found) {
            return found.isClosed() || child.isPresent() && found.child(child.get()).isEmpty();
        }
    }

    /** Somebody waits for SAs to be gone. */
    private static final class Ending {
        private final Set<Target> left = ConcurrentHashMap.newKeySet();
        private final AtomicInteger matches = new AtomicInteger();
        private final AtomicInteger unasked;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        private Ending(int shards) {
            unasked = new AtomicInteger(shards);
        }

        private void check(String subject) {
            if (unasked.get() > 0) {
                return;
            }
            if (matches.get() == 0) {
                answer.complete(Answer.failed("no SA fits " + subject));
            } else if (left.isEmpty()) {
                answer.complete(Answer.succeeded(matches.get()));
            }
        }
    }

    /** What is asked of every session in turn. */
    private interface Wish {
        Fitting of(Session session, Endpoint endpoint, Moment at);
    }

    /** How many SAs of a session fit a wish, what leaves for them, and why it comes to nothing, if so. */
    private record Fitting(int sas, List<Output> outputs, Optional<String> objection) {
        private static final Fitting NOTHING = new Fitting(0, List.of());

        private Fitting(int sas, List<Output> outputs) {
            this(sas, outputs, Optional.empty());
        }
    }

    private final List<Waiting> waiting = new CopyOnWriteArrayList<>();
    private final List<Ending> endings = new CopyOnWriteArrayList<>();

    CompletableFuture<Answer> initiate(InitiateRequest request, List<Profile> profiles, Router router) {
        Optional<Profile> profile = profiles.stream().filter(one -> fits(one, request)).findFirst();
        if (profile.isEmpty()) {
            return CompletableFuture.completedFuture(Answer.failed(unknown(request)));
        }
        Waiting order = new Waiting(profile.get().name(), request.policy(), new CompletableFuture<>());
        router.ofPeer(profile.get().name()).post((endpoint, at) -> {
            if (isUp(endpoint.sessions(), order)) {
                order.answer.complete(Answer.succeeded(1));
                return List.of();
            }
            waiting.add(order);
            return request.policy()
                    .map(policy -> endpoint.up(profile.get(), List.of(policy), at))
                    .orElseGet(() -> endpoint.upWithoutChildren(profile.get(), at));
        });
        return order.answer.whenComplete((_, _) -> waiting.remove(order));
    }

    private static boolean fits(Profile profile, InitiateRequest request) {
        boolean peer = request.peer().map(profile.name()::equals).orElse(true);
        boolean policy = request.policy().map(name -> profile.child(name).isPresent()).orElse(true);
        return peer && policy && (request.peer().isPresent() || request.policy().isPresent());
    }

    private static String unknown(InitiateRequest request) {
        String policy = request.policy().map(name -> "no protect policy '" + name + "'").orElse("no peer");
        return "there is " + policy + request.peer().map(name -> request.policy().isPresent() ? " of peer '" + name + "'" : " '" + name + "'").orElse("");
    }

    private static boolean isUp(Map<Long, Session> sessions, Waiting order) {
        return sessions.values().stream()
                .filter(session -> session.phase().isUp() && session.peerName().equals(order.peer) && !session.outlasts())
                .anyMatch(session -> order.policy.isEmpty()
                        || session.children().stream().anyMatch(child -> child.name().equals(order.policy.get())
                                && child.state() == ChildSa.State.INSTALLED && session.isCurrent(child)));
    }

    CompletableFuture<Answer> terminate(TerminateRequest request, Router router) {
        Ending ending = new Ending(router.shards().size());
        endings.add(ending);
        router.all((endpoint, at) -> {
            List<Output> outputs = new ArrayList<>();
            for (Session session : List.copyOf(endpoint.sessions().values())) {
                outputs.addAll(end(session, request, ending, endpoint, at));
            }
            ending.unasked.decrementAndGet();
            ending.check(subject(request));
            return outputs;
        });
        if (request.force()) {
            // Behind the other in every mailbox: what ends at once has been told, and the peers' answers are not waited for.
            router.all((_, _) -> {
                if (ending.unasked.get() == 0) {
                    ending.answer.complete(Answer.succeeded(ending.matches.get()));
                }
                return List.of();
            });
        }
        return ending.answer.whenComplete((_, _) -> endings.remove(ending));
    }

    private static List<Output> end(
            Session session, TerminateRequest request, Ending ending, Endpoint endpoint, Moment at) {
        boolean named = request.peer().map(session.peerName()::equals).orElse(true)
                && (request.session().isEmpty() || request.session().getAsLong() == session.id());
        if (!named || session.isClosed()) {
            return List.of();
        }
        if (request.policy().isEmpty() && request.serial().isEmpty()) {
            ending.left.add(new Target(session.id(), Optional.empty()));
            ending.matches.incrementAndGet();
            // As with charon, who says it twice does not wait any longer.
            boolean impatient = request.force() || session.phase() instanceof Phase.Closing;
            List<Output> outputs = new ArrayList<>(endpoint.down(Optional.of(session.peerName()), Optional.empty(), Optional.of(session.id()), at));
            if (impatient) {
                outputs.addAll(endpoint.giveUp(session.id(), at));
            }
            return outputs;
        }
        List<Output> outputs = new ArrayList<>();
        Set<String> policies = new HashSet<>();
        for (ChildSa child : session.children()) {
            if (isMeant(child, request.policy(), request.serial())) {
                ending.left.add(new Target(session.id(), Optional.of(child.serial())));
                ending.matches.incrementAndGet();
                if (request.serial().isPresent()) {
                    outputs.addAll(endpoint.downChild(session.id(), child.serial(), at));
                } else {
                    policies.add(child.name());
                }
            }
        }
        for (String policy : policies) {
            outputs.addAll(endpoint.down(Optional.of(session.peerName()), Optional.of(policy), Optional.of(session.id()), at));
        }
        return outputs;
    }

    private static boolean isMeant(ChildSa child, Optional<String> policy, OptionalInt serial) {
        return policy.map(child.name()::equals).orElse(true) && (serial.isEmpty() || serial.getAsInt() == child.serial());
    }

    private static String subject(TerminateRequest request) {
        return subject(request.peer(), request.policy(), request.session(), request.serial());
    }

    private static String subject(Optional<String> peerName, Optional<String> policyName, OptionalLong session, OptionalInt serial) {
        List<String> parts = new ArrayList<>();
        peerName.ifPresent(peer -> parts.add("peer " + peer));
        policyName.ifPresent(policy -> parts.add("policy " + policy));
        session.ifPresent(id -> parts.add("IKE SA " + id));
        serial.ifPresent(number -> parts.add("child SA " + number));
        return parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    CompletableFuture<Answer> redirect(RedirectRequest request, Router router) {
        return everywhere(router, "no IKE SA that is up fits", (session, endpoint, at) -> request.fits(session)
                ? new Fitting(1, endpoint.redirect(session.id(), request.gateway(), at))
                : Fitting.NOTHING);
    }

    CompletableFuture<Answer> rekey(RekeyRequest request, Router router) {
        String subject = subject(request.peer(), request.policy(), request.session(), request.serial());
        return everywhere(router, "no SA that is up fits " + subject, (session, endpoint, at) -> rekey(session, request, endpoint, at));
    }

    private static Fitting rekey(Session session, RekeyRequest request, Endpoint endpoint, Moment at) {
        boolean named = request.peer().map(session.peerName()::equals).orElse(true)
                && (request.session().isEmpty() || request.session().getAsLong() == session.id());
        if (!named || !session.phase().isUp()) {
            return Fitting.NOTHING;
        }
        if (request.policy().isEmpty() && request.serial().isEmpty()) {
            return request.reauthenticate()
                    ? new Fitting(1, endpoint.reauthenticate(session.id(), at), session.notAnew())
                    : new Fitting(1, endpoint.rekey(session.id(), OptionalInt.empty(), at));
        }
        int matches = 0;
        List<Output> outputs = new ArrayList<>();
        for (ChildSa child : session.children()) {
            if (child.state() == ChildSa.State.INSTALLED && isMeant(child, request.policy(), request.serial())) {
                matches++;
                outputs.addAll(endpoint.rekey(session.id(), OptionalInt.of(child.serial()), at));
            }
        }
        return new Fitting(matches, outputs);
    }

    /** Complete when every shard has queued what fits; nobody waits for the peers. */
    private static CompletableFuture<Answer> everywhere(Router router, String nothingFits, Wish wish) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        AtomicInteger unasked = new AtomicInteger(router.shards().size());
        AtomicInteger matches = new AtomicInteger();
        Queue<String> objections = new ConcurrentLinkedQueue<>();
        router.all((endpoint, at) -> {
            List<Output> outputs = new ArrayList<>();
            for (Session session : List.copyOf(endpoint.sessions().values())) {
                Fitting fitting = wish.of(session, endpoint, at);
                matches.addAndGet(fitting.sas());
                outputs.addAll(fitting.outputs());
                fitting.objection().ifPresent(objections::add);
            }
            if (unasked.decrementAndGet() == 0) {
                answer.complete(answer(matches.get(), List.copyOf(objections), nothingFits));
            }
            return outputs;
        });
        return answer;
    }

    /** What only some cannot do is begun. */
    private static Answer answer(int matches, List<String> objections, String nothingFits) {
        if (matches == 0) {
            return Answer.failed(nothingFits);
        }
        return objections.size() == matches ? new Answer(Optional.of(objections.getFirst()), matches, 0) : Answer.succeeded(matches);
    }

    /** To be told every event, on the session's thread. */
    void heard(AgentEvent said) {
        Session session = said.session();
        for (Waiting order : waiting) {
            if (order.peer.equals(session.peerName())) {
                verdict(order, said.event()).ifPresent(order.answer::complete);
            }
        }
        for (Ending ending : endings) {
            if (ending.left.removeIf(target -> target.session == session.id() && target.isGone(session))) {
                ending.check("");
            }
        }
    }

    private static Optional<Answer> verdict(Waiting order, Event event) {
        return switch (event) {
            case Event.ChildUp(ChildSa child) when order.policy.map(child.name()::equals).orElse(false) ->
                Optional.of(Answer.succeeded(1));
            case Event.IkeUp _ when order.policy.isEmpty() -> Optional.of(Answer.succeeded(1));
            case Event.ChildFailed(String policy, String reason) when order.policy.map(policy::equals).orElse(false) ->
                Optional.of(Answer.failed(reason));
            case Event.IkeFailed(String reason, _, _) -> Optional.of(Answer.failed(reason));
            case Event.IkeDown(String reason, _, _) -> Optional.of(Answer.failed(reason));
            default -> Optional.empty();
        };
    }

    /** The peer's addresses cannot be found now. */
    void unreachable(Profile profile, String reason) {
        for (Waiting order : waiting) {
            if (order.peer.equals(profile.name())) {
                order.answer.complete(Answer.failed(reason));
            }
        }
    }

    /** The agent is ending: nobody waits for ever. */
    void end() {
        waiting.forEach(order -> order.answer.complete(Answer.failed("the agent is ending")));
        endings.forEach(ending -> ending.answer.complete(Answer.failed("the agent is ending")));
    }
}
