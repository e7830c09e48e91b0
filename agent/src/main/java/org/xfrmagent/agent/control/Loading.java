package org.xfrmagent.agent.control;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Lent;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.daemon.Reloaded;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.convert.Settings;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Pool;

/**
 * What {@code swanctl --load-all} does: connections, pools and secrets come over the socket in swanctl.conf's words, and go to where
 * the policies of the files are. What cannot be done is refused by its name, and nothing changes.
 */
record Loading(AgentControl agent) {
    /** charon's pools have no more, and who reads their size expects a number of 32 bits. */
    private static final BigInteger LARGEST = BigInteger.valueOf(Integer.MAX_VALUE - 1);

    /** Connections of one client, so that it cannot have the agent keep any number. */
    private static final int MOST_REFUSED = 100;

    /** What loads one thing. */
    @FunctionalInterface
    interface Loader {
        ViciMessage load(ViciMessage.Section section) throws InterruptedException;
    }

    /** All that a request has, in its order, as charon does: the first that cannot be loaded ends it, and what came before it stays. */
    static ViciMessage each(ViciMessage request, Loader loader) throws InterruptedException {
        for (ViciMessage.Section section : request.sections()) {
            ViciMessage answer = loader.load(section);
            if (!answer.flag("success")) {
                return answer;
            }
        }
        return ViciCommands.SUCCESS;
    }

    ViciMessage loadConnection(ViciMessage request, ViciCommands.Client client) throws InterruptedException {
        return each(request, connection -> connection(connection, client));
    }

    private ViciMessage connection(ViciMessage.Section connection, ViciCommands.Client client) throws InterruptedException {
        String name = connection.name();
        client.refused().remove(name);
        if (isInFiles(name)) {
            return ViciCommands.failure("connection '" + name + "': the policy files have a peer of this name; config discarded");
        }
        try {
            CertificateLoading.WithCertificates with = new CertificateLoading(agent).extract("connections." + name, connection.content());
            Settings settings = settings(with.content());
            UnaryOperator<Loaded> change = loaded -> with.in(loaded).withConnection(name, settings);
            ViciMessage answer = change(change, "; config discarded");
            if (!answer.flag("success") && client.refused().size() < MOST_REFUSED) {
                client.refused().put(name, change);
            }
            return answer;
        } catch (IllegalArgumentException wrong) {
            return ViciCommands.failure(wrong.getMessage() + "; config discarded");
        }
    }

    /**
     * swanctl loads what is new before it unloads what is gone: a connection under another name is refused where its old self has the same
     * traffic, and takes its place when that goes, so that nothing is without protection in between.
     */
    ViciMessage unloadConnection(ViciMessage request, ViciCommands.Client client) throws InterruptedException {
        Optional<String> name = request.text("name");
        if (name.isEmpty()) {
            return ViciCommands.failure("unload: missing connection name");
        }
        if (!agent.loaded().connections().containsKey(name.get())) {
            return ViciCommands.failure("unload: connection '" + name.get() + "' not found" + (isInFiles(name.get()) ? ": it is of the policy files" : ""));
        }
        for (Map.Entry<String, UnaryOperator<Loaded>> waiting : List.copyOf(client.refused().entrySet())) {
            if (change(loaded -> waiting.getValue().apply(loaded.withoutConnection(name.get())), "").flag("success")) {
                client.refused().remove(waiting.getKey());
                return ViciCommands.SUCCESS;
            }
        }
        return change(loaded -> loaded.withoutConnection(name.get()), "");
    }

    /** Only what was loaded: swanctl unloads whatever it finds here and not in its file. */
    ViciMessage connections() {
        return ViciMessage.of(out -> out.list("conns", agent.loaded().connections().keySet()));
    }

    ViciMessage loadPool(ViciMessage request) throws InterruptedException {
        return each(request, this::pool);
    }

    private ViciMessage pool(ViciMessage.Section pool) throws InterruptedException {
        Settings settings = settings(pool.content());
        if (settings.value("addrs").filter(value -> !value.text().isBlank()).isEmpty()) {
            return ViciCommands.failure("missing addrs for pool '" + pool.name() + "'");
        }
        return change(loaded -> loaded.withPool(pool.name(), settings), "");
    }

    ViciMessage unloadPool(ViciMessage request) throws InterruptedException {
        Optional<String> name = request.text("name");
        if (agent.leases().stream().anyMatch(lent -> lent.online() && name.filter(lent.pool()::equals).isPresent())) {
            return ViciCommands.failure("unload-pool: addresses of pool '" + name.orElse("") + "' are in use");
        }
        if (name.isEmpty()) {
            return ViciCommands.failure("missing pool name to unload");
        }
        return agent.loaded().pools().containsKey(name.get()) && !agent.loaded().retired().contains(name.get())
                ? change(loaded -> loaded.withoutPool(name.get()), "")
                : ViciCommands.failure(name.get() + " not found");
    }

    /** {@code <pool>{base size online offline [leases{<n>{address identity status}}]}}. */
    ViciMessage pools(ViciMessage request) {
        List<Lent> all = agent.leases();
        return ViciMessage.of(out -> {
            for (Pool pool : agent.policies().pools()) {
                if (request.text("name").map(pool.name()::equals).orElse(true) && !agent.loaded().retired().contains(pool.name())) {
                    out.section(pool.name(), section -> pool(pool, all.stream().filter(lent -> lent.pool().equals(pool.name())).toList(),
                            request.flag("leases"), section));
                }
            }
        });
    }

    private static void pool(Pool pool, List<Lent> leases, boolean each, ViciMessage.Builder section) {
        long online = leases.stream().filter(Lent::online).count();
        section.put("base", Ip.text(pool.addresses().getFirst().from())).put("size", pool.size().min(LARGEST).toString())
                .put("online", online).put("offline", leases.size() - online);
        if (each) {
            section.section("leases", list -> {
                for (int i = 0; i < leases.size(); i++) {
                    Lent lent = leases.get(i);
                    list.section(Integer.toString(i), one -> one.put("address", Ip.text(lent.address())).put("identity", lent.owner())
                            .put("status", lent.online() ? "online" : "offline"));
                }
            });
        }
    }

    /** Traffic of the child brings its tunnel up from now on; or, for a bypass or discard policy, it is in force. */
    ViciMessage install(ViciMessage request) throws InterruptedException {
        return trap(request, true);
    }

    ViciMessage uninstall(ViciMessage request) throws InterruptedException {
        return trap(request, false);
    }

    private ViciMessage trap(ViciMessage request, boolean wanted) throws InterruptedException {
        Optional<String> child = request.text("child");
        if (child.isEmpty()) {
            return ViciCommands.failure("missing configuration name");
        }
        Loaded loaded = agent.loaded();
        Optional<LoadedConversion.Origin> origin = loaded.children().values().stream()
                .filter(each -> each.child().equals(child.get()) && request.text("ike").map(each.connection()::equals).orElse(true))
                .findFirst();
        if (origin.isEmpty()) {
            boolean ofFiles = agent.policies().policy(child.get()).isPresent()
                    && loaded.origins().values().stream().noneMatch(each -> each.child().equals(child.get()));
            return ViciCommands.failure(ofFiles
                    ? "policy '" + child.get() + "' is of the policy files: its 'start' says there what brings it up"
                    : wanted ? "configuration name not found" : "policy '" + child.get() + "' not found");
        }
        if (!wanted && !loaded.isTrapped(origin.get())) {
            return ViciCommands.failure("policy '" + child.get() + "' not found");
        }
        return change(now -> now.withTrap(origin.get(), wanted), "");
    }

    ViciMessage loadShared(ViciMessage request) throws InterruptedException {
        String type = request.text("type").orElse("").toLowerCase(Locale.ROOT);
        Optional<Loaded.Use> use = Arrays.stream(Loaded.Use.values()).filter(each -> each.name().equals(type.toUpperCase(Locale.ROOT))).findFirst();
        if (type.isEmpty()) {
            return ViciCommands.failure("shared key type missing");
        }
        if (use.isEmpty()) {
            return ViciCommands.failure("invalid shared key type: " + request.text("type").orElse("") + ": expected ike, eap, xauth or ppk");
        }
        Optional<byte[]> data = request.octets("data");
        if (data.isEmpty() || data.get().length == 0) {
            return ViciCommands.failure("shared key data missing");
        }
        // A secret without an id can be replaced by nobody; it is known by whose it is.
        List<String> owners = request.texts("owners").stream().filter(owner -> !owner.isEmpty()).toList();
        String id = request.text("id").filter(text -> !text.isEmpty()).orElse(type + " of " + String.join(" ", owners));
        Loaded.Shared shared = new Loaded.Shared(use.get(), owners, Secret.take(data.get()));
        return change(loaded -> loaded.withSecret(id, shared), "");
    }

    ViciMessage unloadShared(ViciMessage request) throws InterruptedException {
        Optional<String> id = request.text("id");
        if (id.isEmpty()) {
            return ViciCommands.failure("unique identifier missing");
        }
        // As with charon, what is not there is gone.
        return agent.loaded().secrets().containsKey(id.get()) ? change(loaded -> loaded.withoutSecret(id.get()), "") : ViciCommands.SUCCESS;
    }

    ViciMessage sharedKeys() {
        return ViciMessage.of(out -> out.list("keys", agent.loaded().secrets().keySet()));
    }

    ViciMessage clearCredentials() throws InterruptedException {
        return change(Loaded::withoutCredentials, "");
    }

    private ViciMessage change(UnaryOperator<Loaded> change, String consequence) throws InterruptedException {
        return change(agent, change, consequence);
    }

    /** @param consequence what a refusal ends with */
    static ViciMessage change(AgentControl agent, UnaryOperator<Loaded> change, String consequence) throws InterruptedException {
        Reloaded outcome;
        try {
            outcome = agent.load(change).get();
        } catch (ExecutionException broken) {
            return ViciCommands.failure("the agent failed: " + broken.getCause());
        }
        return outcome.success()
                ? ViciCommands.SUCCESS
                : ViciCommands.failure(String.join("; ", outcome.problems()) + consequence);
    }

    private boolean isInFiles(String name) {
        return !agent.loaded().connections().containsKey(name) && agent.policies().peers().stream().map(Peer::name).anyMatch(name::equals);
    }

    /** A section as swanctl.conf would have it: a list is what stands there with commas. */
    private static Settings settings(ViciMessage section) {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, Settings> sections = new LinkedHashMap<>();
        for (ViciMessage.Element element : section.elements()) {
            switch (element) {
                case ViciMessage.Value value -> values.put(value.name(), value.text());
                case ViciMessage.Items items -> values.put(items.name(), String.join(",", items.texts()));
                case ViciMessage.Section inner -> sections.put(inner.name(), settings(inner.content()));
            }
        }
        return LoadedConversion.settings(values, sections);
    }
}
