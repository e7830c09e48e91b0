package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.algorithm.Advice;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "algorithms",
        header = "List the algorithms that proposals can name.",
        description = {
            "A proposal is such names joined by '-', as in aes256gcm16-prfsha384-x25519. The advice is that of RFC 8247 (IKE) and RFC 8221 (ESP "
                    + "and AH): must, should, may, should not, must not; '-' where it cannot be used. What the RFCs discourage is only ever "
                    + "used where a policy names it.",
        })
final class AlgorithmsCommand implements Runnable {
    private static final String NONE = "-";

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Write JSON.")
    boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        List<Algorithm> rows = Algorithms.all().stream().filter(row -> row.standing() != Algorithm.Standing.REFUSED).toList();
        if (json) {
            out.println(Json.text(rows.stream().map(AlgorithmsCommand::fields).toList()));
            return;
        }
        Table table = new Table("KIND", "NAME", "IKE", "ESP, AH", "IKEV2 ID", "KERNEL NAME", "ALSO");
        for (Algorithm row : rows) {
            table.row(row.type().word(), row.keyword(), words(row.advice(Protocol.IKE)), words(ipsec(row)), Integer.toString(row.ikev2Id()),
                    row.kernel().map(Algorithm.Kernel::name).orElse(NONE), String.join(" ", row.aliases()));
        }
        table.print(out);
    }

    private static Optional<Advice> ipsec(Algorithm row) {
        return row.advice(Protocol.ESP).or(() -> row.advice(Protocol.AH));
    }

    private static String words(Optional<Advice> advice) {
        return advice.map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', ' ')).orElse(NONE);
    }

    private static Map<String, Object> fields(Algorithm row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", row.type().word());
        fields.put("name", row.keyword());
        fields.put("also", row.aliases());
        fields.put("vici", row.viciName());
        fields.put("ikev2", row.ikev2Id());
        fields.put("keyBits", row.keyBytes() * 8);
        row.advice(Protocol.IKE).ifPresent(advice -> fields.put("ike", words(Optional.of(advice))));
        ipsec(row).ifPresent(advice -> fields.put("ipsec", words(Optional.of(advice))));
        row.kernel().ifPresent(kernel -> fields.put("kernel", kernel.name()));
        return fields;
    }
}
