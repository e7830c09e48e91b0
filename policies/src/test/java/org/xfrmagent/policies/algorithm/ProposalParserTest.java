package org.xfrmagent.policies.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.policies.algorithm.ProposalParser.Accepted;
import org.xfrmagent.policies.algorithm.ProposalParser.Refused;

class ProposalParserTest {
    @ParameterizedTest
    @CsvSource({
        "IKE, aes256gcm16-prfsha384-x25519, aes256gcm16-prfsha384-x25519",
        "IKE, aes128-sha256-modp2048, aes128-sha256-prfsha256-modp2048",
        "IKE, aes128-sha256-sha1-modp2048, aes128-sha256-sha1-prfsha256-prfsha1-modp2048",
        "IKE, aes-sha-prfsha512-curve25519, aes128-sha1-prfsha512-x25519",
        "IKE, x25519-PRFSHA256-AES128GCM128, aes128gcm16-prfsha256-x25519",
        "IKE, aes128-aesxcbc-modp2048, aes128-aesxcbc-prfaesxcbc-modp2048",
        "ESP, aes256gcm16, aes256gcm16-noesn",
        "ESP, aes256gcm16-x25519-esn-noesn, aes256gcm16-x25519-esn-noesn",
        "ESP, null-sha256, null-sha256-noesn",
        "ESP, aes128gmac, aes128gmac-noesn",
        "AH, sha256-modp2048, sha256-modp2048-noesn",
        "AH, aesxcbc-esn, aesxcbc-esn"
    })
    void a_proposal_is_completed_and_ordered(Protocol protocol, String text, String proposal) {
        assertThat(ProposalParser.parse(protocol, text)).isInstanceOfSatisfying(Accepted.class,
                accepted -> assertThat(accepted.proposal()).hasToString(proposal));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IKE | aes256gcm61-prfsha256-x25519 | there is no algorithm 'aes256gcm61'; did you mean 'aes256gcm16'?
            IKE | aes128--x25519             | there is no algorithm ''
            IKE | quantum-sha256-x25519      | there is no algorithm 'quantum'
            IKE | aes256gcm16-x25519         | 'aes256gcm16' needs a PRF such as 'prfsha256'
            IKE | aes256gcm16-sha256-prfsha256-x25519 | 'aes256gcm16' carries its own integrity, so 'sha256' cannot be named with it
            IKE | aes256gcm16-aes128-prfsha256-sha256-x25519 | 'aes256gcm16' and 'aes128' cannot share a proposal: one kind carries its own integrity and the other does not; write two proposals
            IKE | aes128-prfsha256-x25519    | 'aes128' needs an integrity algorithm such as 'sha256'
            IKE | aes128-sha256              | IKE needs a key exchange such as 'x25519'
            IKE | sha256-x25519              | IKE needs an encryption algorithm such as 'aes256gcm16'
            IKE | aes128-aes128-sha256-x25519 | 'aes128' is named twice
            IKE | aes128-sha256-x25519-curve25519 | 'curve25519' is named twice
            IKE | aes128-sha256-x25519-esn   | 'esn' is a sequence number algorithm that IKE cannot use
            IKE | null-sha256-x25519         | 'null' is an encryption algorithm that IKE cannot use
            IKE | aes128-sha256-modp1024s160 | 'modp1024s160' must not be used any more and is not available
            IKE | aes128-sha256-mlkem768     | 'mlkem768' can only be an additional key exchange (RFC 9370), and those are not supported yet
            ESP | aes128                     | 'aes128' needs an integrity algorithm such as 'sha256'
            ESP | null                       | 'null' needs an integrity algorithm such as 'sha256'
            ESP | sha256                     | ESP needs an encryption algorithm such as 'aes256gcm16'
            ESP | aes128gcm16-prfsha256      | 'prfsha256' is a PRF algorithm that ESP cannot use
            AH  | x25519                     | AH needs an integrity algorithm such as 'sha256'
            AH  | aes128-sha256              | 'aes128' is an encryption algorithm that AH cannot use
            AH  | ' '                        | a proposal cannot be empty
            """)
    void what_is_wrong_is_said_in_a_sentence(Protocol protocol, String text, String problem) {
        assertThat(ProposalParser.parse(protocol, text)).isEqualTo(new Refused(List.of(problem)));
    }

    @Test
    void all_problems_are_said_at_once() {
        assertThat(ProposalParser.parse(Protocol.IKE, "aes129-sha257-x25519")).isEqualTo(new Refused(List.of(
                "there is no algorithm 'aes129'; did you mean 'aes128'?", "there is no algorithm 'sha257'; did you mean 'sha256'?")));
    }

    @Test
    void legacy_algorithms_work_when_named_and_are_warned_about() {
        assertThat(ProposalParser.parse(Protocol.IKE, "3des-md5-modp1024")).isInstanceOfSatisfying(Accepted.class,
                accepted -> assertThat(accepted.warnings()).containsExactly(
                        "'md5' must not be used any more in IKE", "'prfmd5' must not be used any more in IKE",
                        "'modp1024' should not be used any more in IKE"));
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = "IPCOMP", mode = EnumSource.Mode.EXCLUDE)
    void defaults_begin_with_the_best_and_have_nothing_discouraged(Protocol protocol) {
        List<Proposal> defaults = Proposal.defaults(protocol);
        assertThat(defaults.getFirst().aead()).isEqualTo(protocol != Protocol.AH);
        assertThat(defaults).allSatisfy(proposal -> {
            assertThat(proposal.protocol()).isEqualTo(protocol);
            assertThat(proposal.algorithms()).allMatch(row -> row.advice(protocol).filter(Advice::discouraged).isEmpty());
            assertThat(proposal.algorithms()).noneMatch(row -> row.keyword().contains("sha1"));
            // What is printed reads back as the same.
            assertThat(ProposalParser.parse(protocol, proposal.toString())).isEqualTo(new Accepted(proposal, List.of()));
        });
    }

    @Test
    void a_first_child_has_no_key_exchange_of_its_own() {
        Proposal proposal = Proposal.defaults(Protocol.ESP).getFirst();
        assertThat(proposal.of(TransformType.KE)).isNotEmpty();
        assertThat(proposal.withoutKeyExchange().of(TransformType.KE)).isEmpty();
        assertThat(proposal.withoutKeyExchange()).isEqualTo(Proposal.defaults(Protocol.ESP).get(2));
    }

    @Property(tries = 500)
    void any_text_is_answered(@ForAll String text, @ForAll Protocol protocol) {
        assertThat(ProposalParser.parse(protocol, text)).isNotNull();
    }
}
