package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.PayloadType;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;

/**
 * What holds of a host after every step, whatever the network does: the data plane has what the sessions have and nothing more,
 * secrets that no session holds any more are wiped and no other, and no request is answered in two ways.
 */
final class Invariants {
    private record Exchanged(long initiatorSpi, long responderSpi, boolean response, int messageId) {}

    private final SimulatedHost host;
    private Map<Long, Session> before = new HashMap<>();
    private Map<Long, Set<Secret>> secrets = new HashMap<>();
    private final Map<Exchanged, Set<Bytes>> answers = new HashMap<>();
    private final Map<Exchanged, Integer> lastRequest = new HashMap<>();

    Invariants(SimulatedHost host) {
        this.host = host;
    }

    void restarted() {
        before = new HashMap<>();
        secrets = new HashMap<>();
        answers.clear();
        lastRequest.clear();
    }

    void hold() {
        planeFits();
        secretsFit();
    }

    private void planeFits() {
        Set<SaId> sas = new HashSet<>();
        List<PolicySpec> policies = new ArrayList<>();
        host.sessions().stream()
                .flatMap(session -> Stream.concat(session.children().stream(), session.jobs().values().stream().flatMap(this::installing)))
                .forEach(child -> {
                    sas.addAll(child.sas());
                    policies.addAll(child.policies());
                });
        sas.removeAll(host.plane.stolen);
        if (!host.plane.sas.keySet().equals(sas)) {
            assertThat(host.plane.sas.keySet()).as(() -> host.name + "'s SAs\n" + told()).containsExactlyInAnyOrderElementsOf(sas);
        }
        if (host.plane.policies.size() != policies.size() || !new HashSet<>(host.plane.policies).equals(new HashSet<>(policies))) {
            assertThat(host.plane.policies).as(() -> host.name + "'s policies\n" + told()).containsExactlyInAnyOrderElementsOf(policies);
        }
    }

    /** The child that the data plane has already, under the reqid that the session is about to hear of. */
    private Stream<ChildSa> installing(Awaiting job) {
        return host.plane.refusal.isPresent()
                ? Stream.empty()
                : job.installing().stream().map(child -> Optional.ofNullable(host.plane.sas.get(child.inbound()))
                        .map(sa -> child.installed(new Result.Installed(new Outcome.Applied(), OptionalInt.of(sa.reqid()))))
                        .orElse(child));
    }

    /** Records never change: the very same session holds the same secrets, and need not be searched again after each step. */
    @SuppressWarnings("ReferenceEquality")
    private void secretsFit() {
        Map<Long, Session> now = new HashMap<>();
        Map<Long, Set<Secret>> held = new HashMap<>();
        for (Session session : host.sessions()) {
            now.put(session.id(), session);
            boolean same = session == before.get(session.id());
            held.put(session.id(), same ? secrets.getOrDefault(session.id(), Set.of()) : Records.secrets(session));
        }
        secrets.forEach((id, old) -> {
            Set<Secret> still = held.getOrDefault(id, Set.of());
            if (still != old) {
                for (Secret secret : old) {
                    if (!still.contains(secret) && !secret.isWiped()) {
                        throw new AssertionError(host.name + " has let go of a secret without wiping it\n" + told());
                    }
                }
            }
        });
        held.forEach((id, all) -> {
            for (Secret secret : all) {
                if (secret.isWiped()) {
                    throw new AssertionError(host.name + " has wiped a secret that it holds on to\n" + told());
                }
            }
        });
        before = now;
        secrets = held;
    }

    /** A request is answered once, and its answer repeated to the octet; requests leave one after the other. */
    void sent(Bytes datagram) {
        if (datagram.length() < Header.LENGTH) {
            return;
        }
        Header header = Header.peek(datagram);
        if (header.majorVersion() == IsakmpHeader.MAJOR_VERSION) {
            return;
        }
        if (header.exchange() == ExchangeType.IKE_SA_INIT.number()) {
            return;
        }
        if (header.response() && header.nextPayload() == PayloadType.ENCRYPTED.number()) {
            Exchanged exchange = new Exchanged(header.initiatorSpi(), header.responderSpi(), true, header.messageId());
            Set<Bytes> given = answers.computeIfAbsent(exchange, fresh -> new HashSet<>());
            given.add(datagram);
            if (given.size() > 1) {
                throw new AssertionError(host.name + " answers " + header + " in two ways\n" + told());
            }
        } else if (!header.response()) {
            Exchanged sa = new Exchanged(header.initiatorSpi(), header.responderSpi(), false, 0);
            int last = lastRequest.getOrDefault(sa, header.messageId());
            if (header.messageId() != last && header.messageId() != last + 1) {
                throw new AssertionError(host.name + " sends request " + header.messageId() + " after " + last + "\n" + told());
            }
            lastRequest.put(sa, header.messageId());
        }
    }

    private String told() {
        List<String> journal = host.journal();
        return String.join("\n", journal.subList(Math.max(0, journal.size() - 40), journal.size()));
    }
}
