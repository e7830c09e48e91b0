package org.xfrmagent.agent.daemon;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.agent.pkcs11.Tokens;

/**
 * What the control socket may ask of the running agent. Every method may be called from any thread. Questions are answered from
 * published snapshots and never wait for a session; orders come back at once as futures.
 */
public interface AgentControl {
    AgentInfo info();

    /** Messages since the start, or since they were reset. */
    IkeCounters counters();

    /** The policies as last loaded, in the order of the SPD: bypass and discard are known here only. */
    PolicySet policies();

    /** The configuration as sessions see it. */
    Settings settings();

    /** Where peers are, by name, as far as the policies that hold their traffic know it. */
    Map<String, Ends> ends();

    /** The network interfaces that policies name and that are not there: these policies stand by. */
    Set<String> absentDevices();

    /** Every session that is not closed, oldest first, half-open ones too. */
    List<SessionView> sessions();

    /**
     * Counters of those SAs that exist; the others are absent, and some that were not asked for may be there. Of a few SAs they are of
     * now, of many some seconds old at most; a data plane that does not answer for a second leaves those that were last known.
     */
    Map<SaId, Usage> usage(Collection<SaId> which);

    /**
     * The same of all SAs, some seconds old at most.
     *
     * @param some a few of them, spread evenly: if hardly any of these was known, all are read first
     */
    Map<SaId, Usage> usageOfAll(Collection<SaId> some);

    /** Who has which address of the pools, or had it last. */
    List<Lent> leases();

    /**
     * Brings a tunnel up. The answer is complete when the child (or, for a peer alone, its IKE SA) is up, was up already, or failed.
     * It never completes exceptionally: what went wrong is {@link Answer#failure}. It completes after the events that decided it were
     * handed to every {@linkplain #listen listener}.
     */
    CompletableFuture<Answer> initiate(InitiateRequest request);

    /**
     * Sends peers that have called us to another gateway (RFC 5685). The answer is complete when those that fit are about to be told;
     * one that does not know of it stays.
     */
    CompletableFuture<Answer> redirect(RedirectRequest request);

    /** Takes tunnels down. The answer is complete when those that fit are gone, the peer having been told or given up on. */
    CompletableFuture<Answer> terminate(TerminateRequest request);

    /**
     * Replaces SAs by fresh ones. The answer is complete when the requests are queued: how they end is told as events, and a failed
     * one is tried again.
     */
    CompletableFuture<Answer> rekey(RekeyRequest request);

    /**
     * Reads the policy files again and goes over to what they say: all of it, or nothing where there is a problem. What does not
     * differ is not touched. Never completes exceptionally.
     */
    CompletableFuture<Reloaded> reload();

    /** Forgets the CRLs that were fetched and what OCSP responders have said: the next certificate is asked about anew. */
    void forgetRevocations();

    /** Where keys and certificates of tokens are found. Whoever asks waits for the token. */
    Tokens tokens();

    /** What clients have loaded. */
    Loaded loaded();

    /**
     * Changes what clients have loaded, and goes over to it as {@link #reload} does: all of it, or nothing where there is a problem.
     * Never completes exceptionally.
     */
    CompletableFuture<Reloaded> load(UnaryOperator<Loaded> change);

    /**
     * Hands every event from now on to {@code sink}, those of one session in order. It is called on the session's own thread, so it
     * must return at once and must not throw.
     */
    Subscription listen(Consumer<AgentEvent> sink);

    /** Ends when closed; closing it twice is harmless. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
