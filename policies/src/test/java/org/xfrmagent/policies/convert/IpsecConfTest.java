package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.policies.convert.SettingsParser.Source;

class IpsecConfTest {
    private static IpsecConf parse(String text) {
        return IpsecConf.parse(new Source("ipsec.conf", text), (from, pattern) ->
                List.of(new Source("/etc/more.conf", "conn more\n\tright=192.0.2.9\n")));
    }

    private static IpsecConf.Section section(IpsecConf conf, String name) {
        return Optional.ofNullable(conf.connections().get(name)).orElseThrow();
    }

    @Test
    void connectionsHaveWhatTheyInherit() {
        IpsecConf conf = parse("""
                # strongSwan
                config setup
                    uniqueids=never   # both stay
                conn %default
                    ikelifetime=8h
                    left=192.0.2.1
                conn gateway
                    leftid="C=CH, O=xfrm # 1"
                    right=192.0.2.3
                conn branch
                    also=gateway
                    right = 192.0.2.2

                include more.conf
                """);
        assertThat(conf.setup().get("uniqueids")).satisfies(value -> assertThat(value.text()).isEqualTo("never"));
        assertThat(conf.connections().keySet()).containsExactly("gateway", "branch", "more");
        IpsecConf.Section branch = section(conf, "branch");
        assertThat(branch.value("right").orElseThrow().text()).isEqualTo("192.0.2.2");
        assertThat(branch.value("leftid").orElseThrow().text()).isEqualTo("C=CH, O=xfrm # 1");
        assertThat(branch.value("ikelifetime").orElseThrow().at().line()).isEqualTo(5);
        assertThat(branch.value("also")).isEmpty();
        assertThat(section(conf, "more").value("left").orElseThrow().text()).isEqualTo("192.0.2.1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'  left=1'              | 1:3: a parameter outside of a section: 'config setup', 'conn NAME' or 'ca NAME' must come first",
        "'conn'                  | 1:1: 'conn' must be followed by one name",
        "'connection a'          | 1:1: 'connection' does not begin a section: 'config setup', 'conn NAME', 'ca NAME' or 'include FILE' was expected",
        "'conn a\n  left'        | 2:3: 'key=value' was expected, found 'left'",
        "'conn a\n  also=b'      | 2:3: conn 'a' has also=b, and there is no such conn",
        "'conn a\n  also=a'      | 1:1: conn 'a' inherits from itself through 'also'",
    })
    void whatIsWrongIsSaidWithItsPlace(String text, String said) {
        assertThatThrownBy(() -> parse(text).connections()).isInstanceOfSatisfying(UnreadableSettings.class, wrong ->
                assertThat(wrong.at().line() + ":" + wrong.at().column() + ": " + wrong.getMessage()).isEqualTo(said));
    }
}
