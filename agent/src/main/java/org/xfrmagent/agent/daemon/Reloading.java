package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.dataplane.DataPlaneException;

/**
 * Goes over to other policies without a restart. Everything is checked before anything changes, and only what differs changes.
 * Traffic that the old and the new policies protect or discard is never in the clear between them:
 *
 * <pre>
 *   1  files and secrets read, names resolved      nothing changed yet; any problem ends it here
 *   2  standing policies: the new, then less the old    a refusal undoes it, and nothing changed
 *   3  sessions, shard by shard                    SAs of old policies end: what they covered is held by the policies of 2
 *   4  old keys wiped                              when no session can ask for them any more
 * </pre>
 *
 * <p>In the other order, an SA that ends before 2 would leave its traffic to a policy that is about to go. Within 2 the order is that
 * of {@link StandingPolicies}. Between 2 and 3 old SAs still protect; their policies come before all standing ones.
 */
final class Reloading {
    private static final int PATIENCE_SECONDS = 10;

    /** Reads the policy files as they are now, and what clients have loaded besides. */
    @FunctionalInterface
    interface Files {
        Configuration read(Loaded loaded) throws StartupFailure;
    }

    private final Files files;
    private final InForce inForce;
    private final StandingPolicies standing;
    private final Router router;
    private final EventLog log;
    private final List<Runnable> held = new ArrayList<>();
    private volatile Loaded loaded = Loaded.NOTHING;
    private boolean swapping;
    private boolean ended;

    Reloading(Files files, InForce inForce, StandingPolicies standing, Router router, EventLog log) {
        this.files = files;
        this.inForce = inForce;
        this.standing = standing;
        this.router = router;
        this.log = log;
    }

    /** Reads the files and goes over to what they say; the log says what came of it. One at a time. */
    synchronized Reloaded reload() {
        return goOverTo(loaded);
    }

    /**
     * Goes over to what clients have loaded after {@code change}, and to what the files say now; where that is refused, nothing is loaded.
     * Clients load all that they have again and again: where that is all there is, nothing is read for what is equal.
     */
    synchronized Reloaded load(UnaryOperator<Loaded> change) {
        Loaded before = loaded;
        Loaded next = change.apply(before);
        if (!ended && isAlone(inForce.now().configuration()) && next.equals(before)) {
            next.wipeWhatIsNotIn(before);
            return new Reloaded(List.of(), List.of());
        }
        Reloaded outcome = goOverTo(next);
        if (outcome.success()) {
            loaded = next;
            before.wipeWhatIsNotIn(next);
        } else {
            next.wipeWhatIsNotIn(before);
        }
        return outcome;
    }

    private static boolean isAlone(Configuration configuration) {
        return configuration.alone() && configuration.keys().absent().isEmpty();
    }

    /** What clients have loaded. */
    Loaded loaded() {
        return loaded;
    }

    private Reloaded goOverTo(Loaded wanted) {
        if (ended) {
            return Reloaded.refused(List.of("the agent is ending"));
        }
        Reloaded outcome = outcome(wanted);
        if (!outcome.success()) {
            outcome.problems().forEach(problem -> log.error("reload", problem));
            log.error("reload", "refused: nothing changed");
        } else if (outcome.changes().isEmpty()) {
            log.notice("reload", "nothing is different");
        } else {
            log.notice("reload", String.join("; ", outcome.changes()));
        }
        return outcome;
    }

    private Reloaded outcome(Loaded wanted) {
        Configuration next;
        try {
            next = files.read(wanted);
        } catch (StartupFailure refused) {
            return Reloaded.refused(refused.reasons());
        }
        List<String> changes = inForce.now().configuration().changesTo(next);
        if (changes.isEmpty()) {
            next.close();
            return new Reloaded(List.of(), List.of());
        }
        try {
            goOver(next);
            return new Reloaded(List.of(), changes);
        } catch (DataPlaneException | IllegalStateException refused) {
            next.close();
            return Reloaded.refused(List.of(String.valueOf(refused.getMessage())));
        }
    }

    private void goOver(Configuration next) throws DataPlaneException {
        InForce.Configured before = inForce.now();
        InForce.Configured after = inForce.configured(next);
        StandingPolicies.Draft draft = standing.draft(next.policies(), after.places(), after.settings());
        CompletableFuture<Void> over;
        synchronized (held) {
            swapping = true;
        }
        try {
            standing.install(draft);
            inForce.replace(after);
            over = router.reconfigure(after.settings());
        } finally {
            settled();
        }
        CompletableFuture<Void> wiped = over.thenRun(before.configuration()::close);
        try {
            wiped.completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        } catch (RuntimeException bug) {
            log.error("reload", "wiping the old keys failed: " + bug);
        }
    }

    /**
     * Does {@code work} now, or at the end of a change that is half done: a packet that asks for an SA of a new policy must not come
     * to a shard that does not know the policy yet. Never waits: who calls may hold what the change needs.
     */
    void whenSettled(Runnable work) {
        synchronized (held) {
            if (swapping) {
                held.add(work);
                return;
            }
        }
        work.run();
    }

    private void settled() {
        List<Runnable> due;
        synchronized (held) {
            swapping = false;
            due = List.copyOf(held);
            held.clear();
        }
        due.forEach(Runnable::run);
    }

    /** From here on nothing is reloaded; waits for the one under way. */
    synchronized void end() {
        ended = true;
    }
}
