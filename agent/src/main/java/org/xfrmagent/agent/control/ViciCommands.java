package org.xfrmagent.agent.control;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.daemon.Reloaded;
import org.xfrmagent.agent.daemon.SessionView;

/** Every vici command by its name. A handler answers from snapshots, or waits for one future; it never holds anything meanwhile. */
final class ViciCommands {
    private static final Set<String> CERTIFICATE_TYPES = Set.of("X509", "X509_AC", "X509_CRL", "OCSP_RESPONSE", "PUBKEY", "ANY");

    private final Map<String, Handler> handlers = new HashMap<>();

    ViciCommands(AgentControl agent, Supplier<Wording> charons, Troubles troubles, ControlCounters counters, Departed departed) {
        listings(agent, charons, troubles, departed);
        Orders orders = new Orders(agent, charons);
        handlers.put("initiate", orders::initiate);
        handlers.put("terminate", orders::terminate);
        handlers.put("rekey", orders::rekey);
        loading(new Loading(agent));
        handlers.put("agent-reload", (_, _) -> reload(agent, true));
        handlers.put("reload-settings", (_, _) -> reload(agent, false));
        certificates(new CertificateLoading(agent), new CertificateListing(agent));
        // What is fetched to ask about certificates no client can see, but it can have it asked for anew.
        handlers.put("flush-certs", (request, _) -> flush(agent, request.text("type").orElse("ANY")));
        handlers.put("redirect", (request, _) -> new Redirecting(agent).redirect(request));
        CounterView messages = new CounterView(agent.counters());
        handlers.put("get-counters", (request, _) -> messages.get(request));
        handlers.put("reset-counters", (request, _) -> messages.reset(request));
        answer("version", () -> AgentView.version(agent.info()));
        answer("stats", () -> AgentView.stats(agent.info()));
        answer("get-algorithms", AgentView::algorithms);
        answer("agent-status", () -> AgentView.status(agent.info(), counters));
    }

    /** Answers one command of one client; the client's next one waits. */
    @FunctionalInterface
    interface Handler {
        ViciMessage answer(ViciMessage request, Client client) throws IOException, InterruptedException;
    }

    /** The client that asked. */
    interface Client {
        /** Whether it registered for the event. */
        boolean wants(String event);

        /** Sends an event of an answer if it is wanted, waiting for a client that is slow to read. */
        void stream(String event, ViciMessage message) throws IOException, InterruptedException;

        /** The same with many events, each a segment already. */
        void streamSegments(String event, Bytes segments) throws IOException, InterruptedException;

        /** Sends an event, already encoded as a packet, if it is wanted; never waits and closes a client that does not keep up. */
        void push(String event, Bytes packet);

        /** The connections that it was refused, by their names, and what would have loaded them: one that it unloads may have been in their way. */
        Map<String, UnaryOperator<Loaded>> refused();
    }

    Optional<Handler> find(String command) {
        return Optional.ofNullable(handlers.get(command));
    }

    static final ViciMessage SUCCESS = ViciMessage.of(out -> out.put("success", "yes"));

    /** swanctl prints nothing of a reason that is not all printable ASCII. */
    static ViciMessage failure(String reason) {
        return ViciMessage.of(out -> out.put("success", "no").put("errmsg", reason.replaceAll("[^ -~]", "?")));
    }

    private static ViciMessage flush(AgentControl agent, String type) {
        if (!CERTIFICATE_TYPES.contains(type.toUpperCase(Locale.ROOT))) {
            return failure("invalid certificate type '" + type + "'");
        }
        agent.forgetRevocations();
        return SUCCESS;
    }

    /** All problems are in the answer: one by one for our own client, in one sentence for swanctl. */
    private static ViciMessage reload(AgentControl agent, boolean ours) throws InterruptedException {
        Reloaded outcome;
        try {
            outcome = agent.reload().get();
        } catch (ExecutionException broken) {
            return failure("the agent failed: " + broken.getCause());
        }
        return ViciMessage.of(out -> {
            out.put("success", outcome.success() ? "yes" : "no");
            if (!outcome.success()) {
                out.put("errmsg", "nothing changed: " + String.join("; ", outcome.problems()));
            }
            if (ours) {
                out.list(outcome.success() ? "changes" : "problems", outcome.success() ? outcome.changes() : outcome.problems());
            }
        });
    }

    private void answer(String name, Supplier<ViciMessage> answer) {
        handlers.put(name, (_, _) -> answer.get());
    }

    private void listings(AgentControl agent, Supplier<Wording> charons, Troubles troubles, Departed departed) {
        SaListing sas = new SaListing(agent, charons, new ListingMemory(), departed);
        handlers.put("list-sas", sas::list);
        handlers.put("list-conns", new ConnListing(agent, charons)::list);
        handlers.put("list-policies", new PolicyListing(agent, charons)::list);
        answer("agent-peers", () -> ViciMessage.of(out -> out.list("peers", agent.settings().profiles().stream().map(each -> each.name()).toList())));
        handlers.put("agent-policies", (_, client) -> {
            Providers providers = Providers.of(agent.sessions());
            Set<String> absent = agent.absentDevices();
            for (var policy : agent.policies().policies()) {
                client.stream(ViciEvents.AGENT_POLICY, PolicyView.status(policy, providers, troubles, absent));
            }
            return ViciMessage.EMPTY;
        });
    }

    private void loading(Loading loading) {
        handlers.put("load-conn", loading::loadConnection);
        handlers.put("unload-conn", loading::unloadConnection);
        answer("get-conns", loading::connections);
        handlers.put("load-pool", (request, _) -> loading.loadPool(request));
        handlers.put("unload-pool", (request, _) -> loading.unloadPool(request));
        handlers.put("get-pools", (request, _) -> loading.pools(request));
        handlers.put("install", (request, _) -> loading.install(request));
        handlers.put("uninstall", (request, _) -> loading.uninstall(request));
        handlers.put("load-shared", (request, _) -> loading.loadShared(request));
        handlers.put("unload-shared", (request, _) -> loading.unloadShared(request));
        answer("get-shared", loading::sharedKeys);
        handlers.put("clear-creds", (_, _) -> loading.clearCredentials());
    }

    private void certificates(CertificateLoading loading, CertificateListing listing) {
        handlers.put("load-cert", (request, _) -> loading.loadCertificate(request));
        handlers.put("load-key", (request, _) -> loading.loadKey(request));
        handlers.put("unload-key", (request, _) -> loading.unloadKey(request));
        answer("get-keys", loading::keys);
        handlers.put("load-token", (request, _) -> loading.loadToken(request));
        handlers.put("load-authority", (request, _) -> loading.loadAuthority(request));
        handlers.put("unload-authority", (request, _) -> loading.unloadAuthority(request));
        answer("get-authorities", loading::authorities);
        handlers.put("list-certs", listing::certificates);
        handlers.put("list-authorities", listing::authorities);
    }
}
