package org.xfrmagent.policies.yaml;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.Reporter;
import org.xfrmagent.policies.grammar.Text;
import org.xfrmagent.policies.grammar.Tree;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads YAML into trees of text with positions; nothing is ever constructed from a tag. Anchors may be used, as long as the whole
 * stays small: a few lines of aliases of aliases would otherwise be gigabytes.
 */
final class YamlReader {
    static final int MOST_NODES = 500_000;
    private static final int DEEPEST = 32;

    private final String path;
    private final Reporter reporter;
    private final Deque<Node> open = new ArrayDeque<>();
    private int nodes;

    private YamlReader(String path, Reporter reporter) {
        this.path = path;
        this.reporter = reporter;
    }

    /** The documents of {@code source}, without empty ones; after a syntax error those before it. */
    static List<Tree> read(Source source, Reporter reporter) {
        return new YamlReader(source.path(), reporter).documents(source.text());
    }

    private List<Tree> documents(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEEPEST);
        options.setCodePointLimit(Source.LARGEST);
        options.setMaxAliasesForCollections(10_000);
        List<Tree> documents = new ArrayList<>();
        try {
            for (Node node : new Yaml(new SafeConstructor(options)).composeAll(new StringReader(text))) {
                convert(node).filter(tree -> !empty(tree)).ifPresent(documents::add);
            }
        } catch (MarkedYAMLException e) {
            // The snippet that belongs to the exception is left out: it may be a line with a secret.
            reporter.problem(position(Optional.ofNullable(e.getProblemMark())), "this is not YAML: " + sentence(e));
        } catch (ReaderException e) {
            reporter.problem(at(text, e.getPosition()), "this is not YAML: a character of code " + e.getCodePoint() + " is not allowed");
        } catch (YAMLException e) {
            reporter.problem(position(Optional.empty()), "this is not YAML: " + Text.shortened(String.valueOf(e.getMessage())));
        }
        return documents;
    }

    private static String sentence(MarkedYAMLException e) {
        String problem = e.getProblem() == null ? "unknown error" : e.getProblem();
        return (e.getContext() == null ? "" : Text.shortened(e.getContext()) + ", ") + Text.shortened(problem);
    }

    private static boolean empty(Tree tree) {
        return tree instanceof Tree.Scalar scalar && scalar.text().isEmpty();
    }

    private Optional<Tree> convert(Node node) {
        Position at = position(Optional.ofNullable(node.getStartMark()));
        if (++nodes > MOST_NODES) {
            if (nodes == MOST_NODES + 1) {
                reporter.problem(at, "with its aliases written out this file has more than " + MOST_NODES + " values");
            }
            return Optional.empty();
        }
        if (open.contains(node)) {
            reporter.problem(at, "this alias contains itself");
            return Optional.empty();
        }
        open.push(node);
        try {
            return Optional.of(switch (node) {
                case MappingNode mapping -> mapping(mapping, at);
                case SequenceNode sequence -> new Tree.Sequence(at,
                        sequence.getValue().stream().flatMap(item -> convert(item).stream()).toList());
                case ScalarNode scalar -> scalar(scalar, at);
                default -> new Tree.Scalar(at, "");
            });
        } finally {
            open.pop();
        }
    }

    private Tree mapping(MappingNode node, Position at) {
        List<Tree.Entry> entries = new ArrayList<>();
        Map<String, Position> seen = new HashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            Position keyAt = position(Optional.ofNullable(tuple.getKeyNode().getStartMark()));
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                reporter.problem(keyAt, "a key is a word, not a list or mapping");
                continue;
            }
            if (key.getTag().equals(Tag.MERGE)) {
                reporter.problem(keyAt, "'<<' is not supported; write the keys out");
                continue;
            }
            Position first = seen.putIfAbsent(key.getValue(), keyAt);
            if (first != null) {
                reporter.problem(keyAt, "the key '" + Text.shortened(key.getValue()) + "' is already there in line " + first.line());
                continue;
            }
            convert(tuple.getValueNode()).ifPresent(value -> entries.add(new Tree.Entry(new Tree.Scalar(keyAt, key.getValue()), value)));
        }
        return new Tree.Mapping(at, entries);
    }

    private static Tree.Scalar scalar(ScalarNode node, Position at) {
        boolean nothing = node.isPlain() && node.getTag().equals(Tag.NULL);
        return new Tree.Scalar(at, nothing ? "" : node.getValue());
    }

    private Position position(Optional<Mark> mark) {
        return mark.map(at -> new Position(path, at.getLine() + 1, at.getColumn() + 1)).orElse(new Position(path, 1, 1));
    }

    private Position at(String text, int offset) {
        String before = text.substring(0, Math.clamp(offset, 0, text.length()));
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Position(path, line, before.length() - before.lastIndexOf('\n'));
    }
}
