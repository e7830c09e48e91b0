package org.xfrmagent.agent.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command's help as a manual page, in the macros of man(7). */
final class ManPage {
    private final StringBuilder page = new StringBuilder();

    private ManPage() {}

    static String of(CommandSpec command) {
        return new ManPage().write(command);
    }

    private String write(CommandSpec command) {
        String name = command.qualifiedName("-");
        line(".TH " + quoted(name.toUpperCase(Locale.ROOT)) + " 8 \"\" " + quoted(String.join("", command.root().version())) + " \"System administration\"");
        section("NAME", List.of(name + " - " + String.join(" ", command.usageMessage().header()).replaceFirst("\\.$", "")));
        Help help = new Help(command, Help.defaultColorScheme(Ansi.OFF));
        section("SYNOPSIS", List.of(help.synopsis(0).strip().replaceAll("\\s+", " ")));
        section("DESCRIPTION", List.of(command.usageMessage().description()));
        if (!command.positionalParameters().isEmpty()) {
            line(".SH ARGUMENTS");
            command.positionalParameters().forEach(this::argument);
        }
        line(".SH OPTIONS");
        command.options().stream().filter(option -> !option.hidden()).forEach(this::option);
        if (!command.subcommands().isEmpty()) {
            line(".SH COMMANDS");
            command.subcommands().forEach((word, sub) -> entry(word, sub.getCommandSpec().usageMessage().header()));
        }
        List<String> footer = new ArrayList<>(List.of(command.usageMessage().footer()));
        footer.removeIf(String::isBlank);
        if (!footer.isEmpty()) {
            section("NOTES", footer);
        }
        return page.toString();
    }

    private void section(String title, List<String> paragraphs) {
        line(".SH " + title);
        for (int i = 0; i < paragraphs.size(); i++) {
            if (i > 0) {
                line(".PP");
            }
            text(paragraphs.get(i));
        }
    }

    private void argument(PositionalParamSpec argument) {
        entry(argument.paramLabel(), argument.description());
    }

    private void option(OptionSpec option) {
        boolean value = option.arity().max() > 0;
        entry(String.join(", ", option.names()) + (value ? " " + option.paramLabel() : ""), option.description());
    }

    private void entry(String term, String... description) {
        line(".TP");
        line(".B " + escaped(term));
        text(String.join(" ", description));
    }

    private void text(String text) {
        text.formatted().lines().map(String::strip).forEach(each -> line(each.startsWith(".") || each.startsWith("'") ? "\\&" + escaped(each) : escaped(each)));
    }

    private void line(String line) {
        page.append(line).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\\(dq") + '"';
    }
}
