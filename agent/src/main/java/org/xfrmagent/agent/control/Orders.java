package org.xfrmagent.agent.control;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.InitiateRequest;
import org.xfrmagent.agent.daemon.RekeyRequest;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.daemon.TerminateRequest;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.algorithm.NearestWord;
import org.xfrmagent.policies.model.Action;

/**
 * {@code initiate}, {@code terminate} and {@code rekey}: an order to the agent, its log streamed while it is carried out, and the outcome. When the
 * time is up the answer is a failure, and the agent goes on with the order.
 */
record Orders(AgentControl agent, Supplier<Wording> charons) {
    private static final int DEFAULT_LOG_LEVEL = 1;
    private static final String NOTHING_TO = "no matching SAs to ";
    /** Our own clients say so. */
    private static final String OURS = "agent";

    /** A request that cannot be understood; the message is a sentence. */
    private static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1L;

        BadRequest(String sentence) {
            super(sentence, null, false, false);
        }

        String sentence() {
            String message = getMessage();
            return message == null ? "" : message;
        }
    }

    ViciMessage initiate(ViciMessage request, ViciCommands.Client client) throws InterruptedException {
        Subject what = Subject.of(request);
        try {
            InitiateRequest order = initiateRequest(request);
            String peer = order.peer().orElseThrow();
            return switch (carryOut(request, client, session -> session.peerName().equals(peer), () -> agent.initiate(order))) {
                case Outcome.Known(Answer answer) -> answer.failure()
                        .map(reason -> ViciCommands.failure(what.failed(reason)))
                        .orElse(ViciCommands.SUCCESS);
                case Outcome.NotAwaited() -> ViciCommands.SUCCESS;
                case Outcome.Overdue(long millis) -> ViciCommands.failure(what.overdue(millis));
            };
        } catch (BadRequest e) {
            return ViciCommands.failure(e.sentence());
        }
    }

    /** What is to come up, and the sentences about it: charon's for its clients, with the reason behind them, and ours for our own. */
    private record Subject(String kind, String name, boolean ours) {
        static Subject of(ViciMessage request) {
            boolean ours = request.flag(OURS);
            return request.text("child").map(name -> new Subject(ours ? "policy" : "CHILD_SA", name, ours))
                    .orElseGet(() -> new Subject(ours ? "peer" : "IKE_SA", request.text("ike").orElse(""), ours));
        }

        String failed(String reason) {
            return ours ? reason : "establishing " + kind + " '" + name + "' failed: " + reason;
        }

        String overdue(long millis) {
            return ours ? kind + " '" + name + "' is not up after " + millis + " ms; the agent goes on trying"
                    : kind + " '" + name + "' not established after " + millis + "ms";
        }
    }

    /** The peer that is meant, named or by its policy, and the policy. */
    private InitiateRequest initiateRequest(ViciMessage request) throws BadRequest {
        Optional<String> ike = request.text("ike");
        Optional<String> child = request.text("child");
        List<Profile> profiles = agent.settings().profiles();
        if (child.isEmpty()) {
            String name = ike.orElseThrow(() -> new BadRequest("missing configuration name"));
            if (profiles.stream().noneMatch(profile -> profile.name().equals(name))) {
                throw new BadRequest("IKE_SA config '" + name + "' not found" + NearestWord.hint(name, profiles.stream().map(Profile::name).toList()));
            }
            return new InitiateRequest(ike, Optional.empty());
        }
        List<Profile> candidates = profiles.stream().filter(profile -> ike.isEmpty() || profile.name().equals(ike.get())).toList();
        Wording wording = charons.get();
        return candidates.stream()
                .flatMap(profile -> profile.children().stream()
                        .filter(policy -> wording.means(child.get(), policy.name()))
                        .map(policy -> new InitiateRequest(Optional.of(profile.name()), Optional.of(policy.name()))))
                .findFirst()
                .orElseThrow(() -> new BadRequest(isShunt(ike, child.get(), wording)
                        ? "establishing CHILD_SA '" + child.get() + "' failed: its policy protects nothing, so there is nobody to establish it with"
                        : "CHILD_SA config '" + child.get() + "' not found" + hint(candidates, child.get())));
    }

    /** Whether it is a policy that passes or drops its traffic, in force or loaded to be installed by command. */
    private boolean isShunt(Optional<String> ike, String child, Wording wording) {
        boolean inForce = agent.policies().policies().stream()
                .filter(policy -> !(policy.action() instanceof Action.Protect) && wording.means(child, policy.name()))
                .anyMatch(policy -> ike.isEmpty() || ike.get().equals(wording.connection(policy.name())));
        return inForce || agent.loaded().children().values().stream()
                .anyMatch(origin -> origin.child().equals(child) && (ike.isEmpty() || ike.get().equals(origin.connection())));
    }

    /** A child's name as the policies that have it in their connections; the name itself where none has. */
    private List<Optional<String>> policies(Optional<String> ike, Optional<String> child) {
        if (child.isEmpty()) {
            return List.of(child);
        }
        Wording wording = charons.get();
        List<Optional<String>> meant = agent.settings().profiles().stream()
                .filter(profile -> ike.isEmpty() || profile.name().equals(ike.get()))
                .flatMap(profile -> profile.children().stream())
                .map(policy -> policy.name())
                .filter(policy -> wording.means(child.get(), policy))
                .map(Optional::of)
                .toList();
        return meant.isEmpty() ? List.of(child) : meant;
    }

    /** One answer to several orders: what fits none of them fails. */
    private static CompletableFuture<Answer> together(List<CompletableFuture<Answer>> orders) {
        if (orders.size() == 1) {
            return orders.getFirst();
        }
        return CompletableFuture.allOf(orders.toArray(CompletableFuture[]::new)).thenApply(_ -> {
            List<Answer> answers = orders.stream().map(CompletableFuture::join).toList();
            int matches = answers.stream().mapToInt(Answer::matches).sum();
            int done = answers.stream().mapToInt(Answer::done).sum();
            return new Answer(matches > 0 ? Optional.empty() : answers.getFirst().failure(), matches, done);
        });
    }

    private static String hint(Collection<Profile> candidates, String typed) {
        List<String> known = candidates.stream().flatMap(profile -> profile.children().stream()).map(each -> each.name()).toList();
        return NearestWord.hint(typed, known);
    }

    ViciMessage terminate(ViciMessage request, ViciCommands.Client client) throws InterruptedException {
        Answer answer;
        try {
            TerminateRequest order = terminateRequest(request);
            List<TerminateRequest> all = policies(order.peer(), order.policy()).stream()
                    .map(policy -> new TerminateRequest(order.peer(), policy, order.session(), order.serial(), order.force()))
                    .toList();
            int present = present(all);
            answer = switch (carryOut(request, client, session -> concerns(order, session), () -> together(all.stream().map(agent::terminate).toList()))) {
                case Outcome.Known(Answer known) -> known.failure().isPresent() && present == 0 && !request.flag(OURS)
                        ? Answer.failed(NOTHING_TO + "terminate found") : known;
                case Outcome.NotAwaited() -> present == 0 ? Answer.failed(NOTHING_TO + "terminate found") : Answer.succeeded(present);
                case Outcome.Overdue(long millis) -> new Answer(Optional.of(
                        request.flag(OURS) ? "it is not down after " + millis + " ms; the agent goes on trying" : "terminating SA failed"), present, Math.max(0, present - present(all)));
            };
        } catch (BadRequest e) {
            return ViciCommands.failure(e.sentence());
        }
        Answer outcome = answer;
        return ViciMessage.of(out -> out.put("success", outcome.success() ? "yes" : "no")
                .put("matches", outcome.matches()).put("terminated", outcome.done()).put("errmsg", outcome.failure()));
    }

    /** How many SAs are there that are meant, as last published. */
    private int present(List<TerminateRequest> orders) {
        return agent.sessions().stream()
                .map(SessionView::session)
                .mapToInt(session -> orders.stream().filter(order -> concerns(order, session)).mapToInt(order -> present(order, session)).sum())
                .sum();
    }

    private static int present(TerminateRequest order, Session session) {
        if (order.policy().isEmpty() && order.serial().isEmpty()) {
            return 1;
        }
        return (int) session.children().stream()
                .filter(child -> order.policy().map(child.name()::equals).orElse(true)
                        && (order.serial().isEmpty() || order.serial().getAsInt() == child.serial()))
                .count();
    }

    private static TerminateRequest terminateRequest(ViciMessage request) throws BadRequest {
        OptionalLong session = number(request, "ike-id");
        OptionalLong serial = number(request, "child-id");
        TerminateRequest order = new TerminateRequest(request.text("ike"), request.text("child"), session,
                serial.isPresent() ? OptionalInt.of((int) serial.getAsLong()) : OptionalInt.empty(), request.flag("force"));
        if (order.peer().isEmpty() && order.policy().isEmpty() && session.isEmpty() && serial.isEmpty()) {
            throw new BadRequest("missing terminate selector");
        }
        return order;
    }

    ViciMessage rekey(ViciMessage request, ViciCommands.Client client) throws InterruptedException {
        Answer answer;
        try {
            RekeyRequest order = rekeyRequest(request);
            answer = switch (carryOut(request, client, _ -> false, () -> together(policies(order.peer(), order.policy()).stream()
                    .map(policy -> agent.rekey(new RekeyRequest(order.peer(), policy, order.session(), order.serial(), order.reauthenticate())))
                    .toList()))) {
                // charon begins with an IKE SA that it cannot authenticate anew, says so in its log, and leaves it.
                case Outcome.Known(Answer known) -> known.success() || request.flag(OURS) ? known
                        : known.matches() > 0 ? Answer.succeeded(known.matches()) : Answer.failed(NOTHING_TO + "rekey found");
                case Outcome.NotAwaited() -> Answer.succeeded(0);
                case Outcome.Overdue(long millis) -> Answer.failed("rekeying not begun after " + millis + "ms");
            };
        } catch (BadRequest e) {
            return ViciCommands.failure(e.sentence());
        }
        Answer outcome = answer;
        return ViciMessage.of(out -> out.put("success", outcome.success() ? "yes" : "no")
                .put("matches", outcome.matches()).put("errmsg", outcome.failure()));
    }

    private static RekeyRequest rekeyRequest(ViciMessage request) throws BadRequest {
        OptionalLong session = number(request, "ike-id");
        OptionalLong serial = number(request, "child-id");
        RekeyRequest order = new RekeyRequest(request.text("ike"), request.text("child"), session,
                serial.isPresent() ? OptionalInt.of((int) serial.getAsLong()) : OptionalInt.empty(), request.flag("reauth"));
        if (order.peer().isEmpty() && order.policy().isEmpty() && session.isEmpty() && serial.isEmpty()) {
            throw new BadRequest("missing rekey selector");
        }
        return order;
    }

    private static boolean concerns(TerminateRequest order, Session session) {
        return (order.peer().isEmpty() || order.peer().get().equals(session.peerName()))
                && (order.session().isEmpty() || order.session().getAsLong() == session.id());
    }

    private static OptionalLong number(ViciMessage request, String key) throws BadRequest {
        Optional<String> text = request.text(key);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Integer.parseInt(text.get()));
        } catch (NumberFormatException e) {
            throw new BadRequest("'" + key + "' is '" + text.get() + "', expected a number");
        }
    }

    @FunctionalInterface
    private interface Order {
        CompletableFuture<Answer> give();
    }

    /** What is known of an order when its client is answered. */
    private sealed interface Outcome {
        record Known(Answer answer) implements Outcome {}

        record NotAwaited() implements Outcome {}

        record Overdue(long millis) implements Outcome {}
    }

    /**
     * Gives the order and waits for its outcome as long as the request says, in milliseconds: 0 for ever, -1 not at all. Who waits is told
     * what happens meanwhile; who does not is told nothing, as of charon: what he would read is chance.
     */
    private Outcome carryOut(ViciMessage request, ViciCommands.Client client, Predicate<Session> about, Order order)
            throws InterruptedException, BadRequest {
        long timeout = number(request, "timeout").orElse(0);
        long level = number(request, "loglevel").orElse(DEFAULT_LOG_LEVEL);
        try {
            if (timeout < 0) {
                CompletableFuture<Answer> outcome = order.give();
                return outcome.isDone() ? new Outcome.Known(outcome.get()) : new Outcome.NotAwaited();
            }
            try (AgentControl.Subscription _ = agent.listen(happened -> logTo(client, happened, about, level))) {
                CompletableFuture<Answer> outcome = order.give();
                return new Outcome.Known(timeout == 0 ? outcome.get() : outcome.get(timeout, TimeUnit.MILLISECONDS));
            }
        } catch (TimeoutException e) {
            return new Outcome.Overdue(timeout);
        } catch (ExecutionException e) {
            return new Outcome.Known(Answer.failed("the agent failed: " + e.getCause()));
        }
    }

    private static void logTo(ViciCommands.Client client, AgentEvent happened, Predicate<Session> about, long level) {
        if (client.wants(ViciEvents.CONTROL_LOG) && EventView.level(happened.event()) <= level && about.test(happened.session())) {
            client.push(ViciEvents.CONTROL_LOG, new ViciPacket.Event(ViciEvents.CONTROL_LOG, EventView.controlLog(happened)).encode());
        }
    }
}
