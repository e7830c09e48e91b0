package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.convert.SettingsParser.Source;

class SettingsParserTest {
    private static Settings parse(String text) {
        return SettingsParser.parse(new Source("swanctl.conf", text), (from, pattern) -> List.of());
    }

    private static String at(Settings root, String... path) {
        Settings section = root;
        for (int i = 0; i < path.length - 1; i++) {
            section = section.section(path[i]).orElseThrow();
        }
        return section.value(path[path.length - 1]).map(Settings.Value::text).orElse("(none)");
    }

    @Test
    void sectionsHoldSettingsAndSections() {
        Settings root = parse("""
                a = b
                one {
                    value = several words  # and a comment
                    inner { x = 12 }
                    quoted = "# not a comment, \\"quoted\\""
                }
                one { later = yes
                      value = other }
                """);
        assertThat(at(root, "a")).isEqualTo("b");
        assertThat(at(root, "one", "value")).isEqualTo("other");
        assertThat(at(root, "one", "inner", "x")).isEqualTo("12");
        assertThat(at(root, "one", "quoted")).isEqualTo("# not a comment, \"quoted\"");
        assertThat(at(root, "one", "later")).isEqualTo("yes");
    }

    @Test
    void aSectionInheritsWhatItDoesNotSetItself() {
        Settings root = parse("""
                defaults { version = 2
                           local { auth = psk
                                   id = moon } }
                eap { remote { auth = eap-md5 } }
                connections {
                    a : defaults, eap {
                        version = 1
                        local { id = }
                    }
                    b : connections.a { }
                }
                """);
        assertThat(at(root, "connections", "a", "version")).isEqualTo("1");
        assertThat(at(root, "connections", "a", "local", "auth")).isEqualTo("psk");
        assertThat(at(root, "connections", "a", "local", "id")).as("cleared").isEqualTo("(none)");
        assertThat(at(root, "connections", "b", "version")).isEqualTo("1");
        assertThat(at(root, "connections", "b", "remote", "auth")).isEqualTo("eap-md5");
    }

    /** What swanctl 5.9.8 makes of the same lines. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            a b   c      | a b c
            "a  b"       | a  b
            "ab" "cd"    | ab cd
            ab"cd"ef     | ab cd ef
            "a" , b # c  | a , b
            'a' = b:c{d  | 'a' = b:c{d
            """)
    void theWordsOfAValueHaveOneBlankBetweenThem(String written, String value) {
        assertThat(at(parse("s { x = " + written + "\r\n y = 1 }"), "s", "x")).isEqualTo(value);
        assertThat(at(parse("s { x = \t" + written.replaceAll(" #.*", "").replace(" , ", "\t,\t") + " }"), "s", "x")).isEqualTo(value);
    }

    @Test
    void includedFilesAreReadIntoTheSectionThatIncludesThem() {
        Map<String, String> files = Map.of("conf.d/*.conf", "x = 2\nsub { y = 3 }\n");
        Settings root = SettingsParser.parse(new Source("/etc/swanctl/swanctl.conf", "s { x = 1\n include conf.d/*.conf\n z = 4 }"),
                (from, pattern) -> List.of(new Source("/etc/swanctl/conf.d/a.conf", files.getOrDefault(pattern, ""))));
        assertThat(at(root, "s", "x")).isEqualTo("2");
        assertThat(at(root, "s", "sub", "y")).isEqualTo("3");
        assertThat(at(root, "s", "z")).isEqualTo("4");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a { b = c            | 1:1: the section 'a' is not closed",
        "}                    | 1:1: a '}' without a section that it closes",
        "a = \"b              | 1:5: the quotes are not closed",
        "a b                  | 1:1: after 'a' either '= value' or '{' must follow",
        "= b                  | 1:1: a name was expected, found '='",
        "a : b { }            | 1:1: it inherits from section 'b', and there is none",
        "a : a { }            | 1:1: section 'a' inherits from itself",
        "'x = 1\n\n  y { }\n}' | 4:1: a '}' without a section that it closes",
    })
    void whatIsWrongIsSaidWithItsPlace(String text, String said) {
        assertThatThrownBy(() -> parse(text)).isInstanceOfSatisfying(UnreadableSettings.class, wrong ->
                assertThat(wrong.at().line() + ":" + wrong.at().column() + ": " + wrong.getMessage()).isEqualTo(said));
    }

    @Test
    void aFileThatIncludesItselfIsRefused() {
        Source source = new Source("loop.conf", "include loop.conf\n");
        assertThatThrownBy(() -> SettingsParser.parse(source, (from, pattern) -> List.of(source)))
                .isInstanceOf(UnreadableSettings.class).hasMessageContaining("more than 32 deep");
    }
}
