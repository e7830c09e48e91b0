package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.daemon.Lent;
import org.xfrmagent.agent.daemon.Loaded;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.convert.LoadedConversion;

@Timeout(60)
final class ViciServerTest {
    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Path socket;
    private final ViciServer server;

    ViciServerTest(@TempDir Path folder) throws IOException {
        socket = folder.resolve("control.vici");
        server = Vici.serve(agent.with(Samples.NOW, session), socket);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
    }

    private ViciClient client() throws IOException {
        ViciClient client = ViciClient.connect(socket);
        open.add(client);
        return client;
    }

    private SocketChannel raw() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(channel);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private static ViciMessage request(String... pairs) {
        return ViciMessage.of(out -> {
            for (int i = 0; i < pairs.length; i += 2) {
                out.put(pairs[i], pairs[i + 1]);
            }
        });
    }

    /** R17; who may come is looked at as well, in SwanctlTest, and what is too long closes the connection. */
    @Test
    void theSocketIsForItsOwnerAloneFromItsFirstMomentOn() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-------");
        try (var files = Files.list(socket.getParent())) {
            assertThat(files).as("nothing is left of making it").containsExactly(socket);
        }
    }

    @Test
    void aCommandIsAnsweredAndAnUnknownOneIsSaidToBeUnknown() throws IOException {
        ViciClient client = client();

        assertThat(client.ask("version").text("version")).contains("0.1.0");
        assertThatThrownBy(() -> client.ask("make-coffee")).isInstanceOf(ViciClient.UnknownCommand.class);
        assertThat(client.ask("version").text("daemon")).as("the connection goes on").contains("xfrm-agent");
    }

    /** The sequence of swanctl --load-all, and of a client that takes it back. */
    @Test
    void connectionsAndSecretsAreLoadedAndUnloaded() throws IOException {
        ViciClient client = client();
        ViciMessage secret = ViciMessage.of(out -> out.put("id", "ike-venus").put("type", "IKE").put("data", "a secret of the test")
                .list("owners", List.of("venus.example.org")));
        assertThat(client.ask("load-shared", secret)).hasToString("success=yes");
        ViciMessage connection = ViciMessage.of(out -> out.section("venus", conn -> conn.list("remote_addrs", List.of("192.0.2.9"))
                .section("children", children -> children.section("venus-net", child -> child.list("remote_ts", List.of("10.9.0.0/16"))))));
        assertThat(client.ask("load-conn", connection)).hasToString("success=yes");
        assertThat(client.ask("get-conns")).as("not what the files have").hasToString("conns=[venus]");
        assertThat(client.ask("get-shared")).hasToString("keys=[ike-venus]");
        assertThat(agent.loaded().connections()).hasEntrySatisfying("venus",
                venus -> assertThat(venus.value("remote_addrs").orElseThrow().text()).isEqualTo("192.0.2.9"));

        assertThat(client.ask("unload-conn", request("name", "mars")).text("errmsg")).contains("unload: connection 'mars' not found");
        assertThat(client.ask("unload-conn", request("name", "venus"))).hasToString("success=yes");
        assertThat(client.ask("initiate", request("child", "venus-net")).text("errmsg")).contains("CHILD_SA config 'venus-net' not found");
        assertThat(client.ask("clear-creds")).hasToString("success=yes");
        assertThat(client.ask("get-conns")).hasToString("conns=[]");
        assertThat(client.ask("load-shared", request("type", "NTLM", "data", "x")).text("errmsg").orElse("")).contains("invalid shared key type: NTLM");
        assertThat(agent.loaded().secrets()).isEmpty();
    }

    /** swanctl --load-all after a connection got another name: load-conn of the new one comes before unload-conn of the old one. */
    @Test
    void whatWasInTheWayOfAConnectionGivesItsPlaceToIt() throws IOException {
        agent.refusing(loaded -> loaded.connections().keySet().containsAll(List.of("old", "renamed")));
        ViciClient client = client();
        assertThat(client.ask("load-conn", connection("old"))).hasToString("success=yes");
        assertThat(client.ask("load-conn", connection("other"))).hasToString("success=yes");
        assertThat(client.ask("load-conn", connection("renamed"))).hasToString("success=no errmsg=that does not go together; config discarded");
        assertThat(client().ask("unload-conn", request("name", "other"))).as("of another client").hasToString("success=yes");
        assertThat(client.ask("get-conns")).hasToString("conns=[old]");
        assertThat(client.ask("unload-conn", request("name", "old"))).hasToString("success=yes");
        assertThat(client.ask("get-conns")).hasToString("conns=[renamed]");
        assertThat(client.ask("unload-conn", request("name", "renamed"))).hasToString("success=yes");
        assertThat(client.ask("get-conns")).as("once").hasToString("conns=[]");
    }

    private static ViciMessage connection(String name) {
        return ViciMessage.of(out -> out.section(name, conn -> conn.list("remote_addrs", List.of("192.0.2.9"))));
    }

    @Test
    void aPoolTellsItsFirstAddressAndItsSize() throws IOException {
        assertThat(client().ask("get-pools")).hasToString("staff {base=10.3.0.0 size=14 online=0 offline=0}");
    }

    @Test
    void aPoolTellsWhoHasItsAddressesAndStaysWhileSomebodyDoes() throws IOException {
        agent.lending(new Lent("staff", Samples.address("10.3.0.1"), "carol", true), new Lent("staff", Samples.address("10.3.0.2"), "dave", false));
        assertThat(client().ask("get-pools", ViciMessage.of(out -> out.flag("leases", true)))).hasToString("staff {base=10.3.0.0 size=14 online=1 offline=1 "
                + "leases {0 {address=10.3.0.1 identity=carol status=online} 1 {address=10.3.0.2 identity=dave status=offline}}}");
        assertThat(client().ask("unload-pool", request("name", "staff")).text("errmsg")).contains("unload-pool: addresses of pool 'staff' are in use");
    }

    /** swanctl --load-all takes away pools before the connections that name them. */
    @Test
    void aPoolThatIsUnloadedStaysWithTheConnectionsThatNameItAndNoLonger() throws IOException {
        ViciClient client = client();
        for (String name : List.of("rw", "other")) {
            assertThat(client.ask("load-pool", ViciMessage.of(out -> out.section(name, pool -> pool.put("addrs", "10.4.0.0/24"))))).hasToString("success=yes");
        }
        ViciMessage connection = ViciMessage.of(out -> out.section("venus", conn -> conn.list("pools", List.of("rw", "more"))));
        assertThat(client.ask("load-conn", connection)).hasToString("success=yes");
        for (String name : List.of("rw", "other")) {
            assertThat(client.ask("unload-pool", request("name", name))).hasToString("success=yes");
            assertThat(client.ask("unload-pool", request("name", name)).text("errmsg")).contains(name + " not found");
        }
        assertThat(agent.loaded().pools()).containsOnlyKeys("rw");
        assertThat(client.ask("unload-conn", request("name", "venus"))).hasToString("success=yes");
        assertThat(agent.loaded().pools()).isEmpty();
        assertThat(agent.loaded().retired()).isEmpty();
    }

    @Test
    void passwordsAreKeptWithThoseWhoseTheyAre() throws IOException {
        ViciClient client = client();
        ViciMessage carols = ViciMessage.of(out -> out.put("id", "eap-carol").put("type", "EAP").put("data", "carol's of the test").list("owners", List.of("carol")));
        assertThat(client.ask("load-shared", carols)).hasToString("success=yes");
        assertThat(client.ask("load-shared", request("type", "ntlm", "data", "0123456789abcdef")).text("errmsg"))
                .contains("invalid shared key type: ntlm: expected ike, eap, xauth or ppk");
        assertThat(client.ask("get-shared")).hasToString("keys=[eap-carol]");

        assertThat(agent.loaded().secrets().get("eap-carol")).satisfies(password -> {
            assertThat(password.use()).isEqualTo(Loaded.Use.EAP);
            assertThat(password.owners()).containsExactly("carol");
            assertThat(password.octets().copy()).isEqualTo("carol's of the test".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(agent.loaded().toString()).doesNotContain("of the test");
    }

    /** swanctl --install and --uninstall: of children that a client has loaded. */
    @Test
    void aLoadedChildIsInstalledAndUninstalledByCommand() throws IOException {
        ViciClient client = client();
        ViciMessage connection = ViciMessage.of(out -> out.section("venus", conn -> conn.section("children", children ->
                children.section("lan", child -> child.put("start_action", "none")))));
        assertThat(client.ask("load-conn", connection)).hasToString("success=yes");
        LoadedConversion.Origin lan = new LoadedConversion.Origin("venus", "lan");

        assertThat(client.ask("uninstall", request("child", "lan"))).hasToString("success=no errmsg=policy 'lan' not found");
        assertThat(client.ask("install", request("child", "lan", "ike", "mars"))).hasToString("success=no errmsg=configuration name not found");
        assertThat(client.ask("install", request("child", "lan"))).hasToString("success=yes");
        assertThat(agent.loaded().isTrapped(lan)).isTrue();
        assertThat(client.ask("load-conn", connection)).as("the same again changes nothing").hasToString("success=yes");
        assertThat(agent.loaded().isTrapped(lan)).isTrue();
        assertThat(client.ask("uninstall", request("child", "lan"))).hasToString("success=yes");
        assertThat(agent.loaded().isTrapped(lan)).isFalse();
        assertThat(client.ask("install", request("child", "net")).text("errmsg").orElse("")).contains("'net' is of the policy files");
    }

    @Test
    void aRedirectNamesIkeSasAndAnotherGateway() throws IOException {
        assertThat(client().ask("redirect", request("ike", "ab"))).hasToString("success=no errmsg=missing target gateway");
        assertThat(client().ask("redirect", request("ike", "ab", "gateway", "192.0.2.9")).toString()).startsWith("success=yes matches=1");
        assertThat(client().ask("redirect", request("ike", "nobody", "gateway", "192.0.2.9")))
                .hasToString("success=no matches=0 errmsg=no matching SAs to redirect found");
        assertThat(client().ask("redirect", request("peer-ip", "not an address", "gateway", "192.0.2.9")).text("success")).contains("no");
        assertThat(client().ask("redirect", request("ike", "ab", "gateway", "a gate\nway")).text("errmsg").orElse("")).contains("expected an address or a host name");
    }

    @Test
    void countersAreThoseOfAllOrOfOnePeer() throws IOException {
        agent.counters().happened(Optional.of(session), new Event.ChildRekeyed(session.children().getFirst(), session.children().getFirst()));
        ViciClient client = client();

        assertThat(client.ask("get-counters").section("counters").section("")).hasToString("ike-rekey-init=0 ike-rekey-resp=0 child-rekey=1 invalid=0 "
                + "invalid-spi=0 ike-init-in-req=0 ike-init-in-resp=0 ike-init-out-req=0 ike-init-out-resp=0 ike-auth-in-req=0 ike-auth-in-resp=0 "
                + "ike-auth-out-req=0 ike-auth-out-resp=0 create-child-in-req=0 create-child-in-resp=0 create-child-out-req=0 create-child-out-resp=0 "
                + "info-in-req=0 info-in-resp=0 info-out-req=0 info-out-resp=0");
        assertThat(client.ask("get-counters", request("name", "ab")).section("counters").section("ab").text("child-rekey")).contains("1");
        assertThat(client.ask("get-counters", request("all", "yes")).section("counters").sections()).hasSize(1);
        assertThat(client.ask("get-counters", request("name", "nobody")))
                .hasToString("counters {} success=no errmsg=no counters found for this connection");
        assertThat(client.ask("reset-counters", request("all", "yes"))).hasToString("success=yes");
        assertThat(client.ask("get-counters", request("all", "yes"))).hasToString("counters {} success=yes");
    }

    /** As charon: the first that cannot be loaded ends it. */
    @Test
    void oneRequestMayLoadSeveral() throws IOException {
        ViciClient client = client();
        assertThat(client.ask("load-conn", ViciMessage.of(out -> out
                .section("venus", conn -> conn.list("remote_addrs", List.of("192.0.2.9")))
                .section("mars", conn -> conn.list("remote_addrs", List.of("192.0.2.8")))))).hasToString("success=yes");
        assertThat(client.ask("get-conns")).hasToString("conns=[venus mars]");
        assertThat(client.ask("load-pool", ViciMessage.of(out -> out
                .section("a", pool -> pool.put("addrs", "10.3.0.0/24")).section("b", pool -> pool.put("dns", "10.3.0.1")).section("c", pool -> pool.put("addrs", "10.4.0.0/24")))))
                .hasToString("success=no errmsg=missing addrs for pool 'b'");
        assertThat(agent.loaded().pools()).containsOnlyKeys("a");
    }

    @Test
    void aTokenWithoutAHandleOrAModuleIsSaid() throws IOException {
        ViciClient client = client();
        assertThat(client.ask("load-token")).hasToString("success=no errmsg=keyid missing");
        assertThat(client.ask("load-token", request("handle", "card"))).hasToString("success=no errmsg=loading private key from token failed: the handle is no row of pairs of "
                + "hexadecimal digits, expected the CKA_ID of the key such as 0a0b");
        assertThat(client.ask("load-token", request("handle", "0a0b"))).hasToString("success=no errmsg=loading private key from token failed: it cannot be had: no module "
                + "is named, and there is none under charon.plugins.pkcs11.modules of strongswan.conf");
    }

    @Test
    void aListIsStreamedOnlyToAClientThatRegistered() throws IOException {
        ViciClient client = client();

        assertThat(client.ask("list-sas").isEmpty()).isTrue();
        assertThat(client.list("list-sas", ViciMessage.EMPTY, "list-sa")).hasSize(1);
        assertThat(client.list("list-sas", request("ike", "ab", "child", "net"), "list-sa")).hasSize(1);
        assertThat(client.list("list-sas", request("child", "other"), "list-sa")).as("the IKE SA alone, as charon does")
                .singleElement().satisfies(sa -> assertThat(sa.section("ab").section("child-sas").isEmpty()).isTrue());
        assertThat(client.list("list-sas", request("ike", "other"), "list-sa")).isEmpty();
        assertThat(client.list("list-sas", request("ike-id", "1", "child-id", "1"), "list-sa")).hasSize(1);
        assertThat(client.list("list-sas", request("ike-id", "2"), "list-sa")).isEmpty();
    }

    @Test
    void onlyKnownEventsCanBeRegisteredFor() throws IOException {
        ViciClient client = client();

        client.register("ike-updown");
        assertThatThrownBy(() -> client.register("coffee-ready")).hasMessageContaining("knows no event 'coffee-ready'");
        assertThatThrownBy(() -> client.unregister("log")).as("never registered").hasMessageContaining("knows no event 'log'");
    }

    @Test
    void eventsReachThoseWhoRegisteredAndNobodyElse() throws IOException {
        ViciClient watcher = client();
        ViciClient other = client();
        watcher.register("child-updown");
        other.register("ike-updown");

        agent.emit(session, new Event.ChildUp(session.children().getFirst()));
        agent.emit(session, new Event.IkeUp(true));

        assertThat(watcher.next().message().text("up")).contains("yes");
        assertThat(other.next().name()).isEqualTo("ike-updown");
    }

    @Test
    void onlyKnownCertificatesCanBeFlushed() throws IOException {
        assertThat(client().ask("flush-certs", request("type", "x509_crl"))).hasToString("success=yes");
        assertThat(client().ask("flush-certs", request("type", "nonsense"))).hasToString("success=no errmsg=invalid certificate type 'nonsense'");
    }

    @Test
    void aHandlerThatBreaksAnswersAFailureAndTheConnectionGoesOn() throws IOException {
        agent.onInitiate(_ -> {
            throw new IllegalStateException("boom");
        });
        ViciClient client = client();

        assertThat(client.ask("initiate", request("child", "net")).text("success")).contains("no");
        assertThat(client.ask("version").text("version")).isPresent();
    }

    @Test
    void aBrokenPacketClosesThatClientOnly() throws IOException {
        ViciClient bystander = client();
        for (byte[] bad : List.of(new byte[] {0, 0, 0, 1, 9}, new byte[] {0, 0, 0, 0}, new byte[] {0, 8, 0, 1}, new byte[] {-1, -1, -1, -1},
                new byte[] {0, 0, 0, 2, 1, 7}, new byte[] {0, 0, 0, 1, 5})) {
            SocketChannel client = raw();
            client.write(ByteBuffer.wrap(bad));
            assertThat(client.read(ByteBuffer.allocate(1))).as("closed").isEqualTo(-1);
        }
        assertThat(bystander.ask("agent-status").section("control").text("malformed")).contains("6");
    }

    /** Events of 10,000 octets; the queue of a client holds a hundred. */
    private static final int LAG = 40;

    @Test
    void aClientThatStopsReadingIsClosedAndStopsNobody() throws Exception {
        SocketChannel sleeper = raw();
        Segment.write(sleeper, new ViciPacket.EventRegister("log").encode());
        ViciClient watcher = client();
        watcher.register("log");
        Event remark = new Event.Remark("x".repeat(10_000));

        Semaphore ahead = new Semaphore(LAG);
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            try {
                while (!watcher.next().message().text("msg").orElse("").equals("end")) {
                    count++;
                    ahead.release();
                }
            } catch (IOException e) {
                return -1;
            }
            return count;
        });
        // More than the queue and the socket's own buffers hold; never more ahead of the one who reads than its queue holds.
        ViciClient other = client();
        int sent = 0;
        while (!other.ask("agent-status").section("control").text("slow").equals(Optional.of("1"))) {
            assertThat(ahead.tryAcquire(30, TimeUnit.SECONDS)).as("who reads is still told, after %d", sent).isTrue();
            agent.emit(session, remark);
            sent++;
            assertThat(sent).as("events that the sleeper may keep").isLessThan(10_000);
        }
        agent.emit(session, new Event.Remark("end"));

        assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(sent);
    }

    @Test
    void aSecondAgentDoesNotTakeTheSocketOver() {
        assertThatThrownBy(() -> Vici.serve(agent, socket))
                .isInstanceOf(IOException.class)
                .hasMessage("another program already listens on the control socket " + socket + "; is an agent running?");
    }

    @Test
    void whatADeadAgentLeftIsReplaced(@TempDir Path folder) throws IOException {
        Path left = folder.resolve("left");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        try (ViciServer _ = Vici.serve(agent, left); ViciClient client = ViciClient.connect(left)) {
            assertThat(client.ask("version").text("daemon")).contains("xfrm-agent");
        }
        assertThat(left).doesNotExist();
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("notes"), "keep me");

        assertThatThrownBy(() -> Vici.serve(agent, file)).hasMessageContaining("something that is no socket has that name");
        assertThat(file).hasContent("keep me");
        assertThatThrownBy(() -> Vici.serve(agent, folder.resolve("no/such/control"))).hasMessageContaining("there is no folder to make ");
        assertThatThrownBy(() -> Vici.serve(agent, folder.resolve("x".repeat(108)))).hasMessageContaining("which Linux does not allow");
    }

    @Test
    void theSocketsEndWithTheServer() throws IOException {
        ViciClient client = client();
        client.ask("version");

        server.close();

        assertThat(socket).doesNotExist();
        assertThatThrownBy(() -> client.ask("version")).isInstanceOf(IOException.class);
        assertThat(agent.listeners()).isZero();
    }

    @Test
    void aGroupThatDoesNotExistIsSaid(@TempDir Path folder) {
        assertThatThrownBy(() -> Vici.serve(agent, folder.resolve("s"), Optional.of("no-such-group")))
                .hasMessage("there is no group 'no-such-group' that could use the control socket");
    }
}
