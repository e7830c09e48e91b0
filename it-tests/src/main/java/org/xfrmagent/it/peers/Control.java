package org.xfrmagent.it.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;

/** A daemon's vici socket: what these tests ask it, and the real {@code swanctl} for what users would. */
public record Control(Host host, String socket) {
    /** What swanctl needs: without this it loads every plugin there is. */
    public static final String SWANCTL_SETTINGS = "swanctl {\n  load = random\n}\n";

    /** Whether it answers now. */
    public boolean answers() {
        try (Vici vici = connect()) {
            return !vici.command("version", Map.of()).values().isEmpty();
        } catch (IOException nobody) {
            return false;
        }
    }

    /** Its version, or nothing if nobody answers. */
    String version() {
        try (Vici vici = connect()) {
            return vici.command("version", Map.of()).get("version");
        } catch (IOException nobody) {
            return "";
        }
    }

    /** The SAs, also those that charon is busy with, which "noblock" would leave out; none if nobody answers. */
    public List<IkeSa> sas() {
        try (Vici vici = connect()) {
            return vici.stream("list-sas", "list-sa", Map.of()).stream().flatMap(event -> IkeSa.of(event).stream()).toList();
        } catch (IOException nobody) {
            return List.of();
        }
    }

    /** How many IKE SAs are not authenticated yet; -1 if nobody answers. */
    public long halfOpen() {
        try (Vici vici = connect()) {
            return vici.command("stats", Map.of()).section("ikesas").count("half-open");
        } catch (IOException nobody) {
            return -1;
        }
    }

    /** One of the counters of all connections together, by vici's name; -1 if nobody answers. */
    public long counter(String name) {
        try (Vici vici = connect()) {
            return vici.command("get-counters", Map.of()).section("counters").section("").count(name);
        } catch (IOException nobody) {
            return -1;
        }
    }

    /** A plain value, by vici's name, of each installed child: {@code childValues("mode")} may say {@code TUNNEL} of a child. */
    public Map<String, String> childValues(String key) {
        Map<String, String> values = new HashMap<>();
        try (Vici vici = connect()) {
            vici.stream("list-sas", "list-sa", Map.of()).stream()
                    .flatMap(event -> event.sections().values().stream())
                    .flatMap(sa -> sa.section("child-sas").sections().values().stream())
                    .filter(child -> child.get("state").equals("INSTALLED"))
                    .forEach(child -> values.put(child.get("name"), child.get(key)));
        } catch (IOException nobody) {
            return Map.of();
        }
        return values;
    }

    /** Registers for events; fails if nobody answers. */
    public Watch watch(String... events) {
        try {
            return new Watch(connect(), List.of(events));
        } catch (IOException nobody) {
            throw new UncheckedIOException(host + ": " + socket, nobody);
        }
    }

    /** Brings a child up and waits for the outcome. */
    public Result initiate(String child) {
        return request("initiate", Map.of("child", child, "timeout", "20000"));
    }

    /** Ends an IKE SA with all its children, and waits. */
    public Result terminateIke(String name) {
        return request("terminate", Map.of("ike", name, "timeout", "20000"));
    }

    /** Asks for a tunnel to come up, or go down, and waits. Status 0, or 1 with the daemon's reason. */
    public Result request(String command, Map<String, String> arguments) {
        try (Vici vici = connect()) {
            Vici.Section answer = vici.command(command, arguments);
            return new Result(List.of(command, arguments.toString()), answer.get("success").equals("yes") ? 0 : 1, "", answer.get("errmsg"));
        } catch (IOException failure) {
            return new Result(List.of(command, arguments.toString()), 1, "", host + ": " + socket + ": " + failure.getMessage());
        }
    }

    /** The real swanctl. */
    public Result swanctl(String... arguments) {
        return swanctl(Host.COMMAND_LIMIT, arguments);
    }

    /** The same, with time for much work. */
    public Result swanctl(Duration limit, String... arguments) {
        String[] line = new String[arguments.length + 3];
        line[0] = "swanctl";
        System.arraycopy(arguments, 0, line, 1, arguments.length);
        line[arguments.length + 1] = "--uri";
        line[arguments.length + 2] = "unix://" + socket;
        return host.run(limit, line);
    }

    private Vici connect() throws IOException {
        return Vici.connect(host.path(socket));
    }
}
