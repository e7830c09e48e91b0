package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** Published signatures. */
class SignatureVectorsTest {
    /** RFC 4754, sections 8.1 to 8.3: the message is "abc", the public key the point gwx | gwy. */
    @ParameterizedTest
    @CsvSource({
        "ECDSA_P256, 3059301306072a8648ce3d020106082a8648ce3d03010703420004,"
                + "2442A5CC0ECD015FA3CA31DC8E2BBC70BF42D60CBCA20085E0822CB04235E9706FC98BD7E50211A4A27102FA3549DF79EBCB4BF246B80945CDDFE7D509BBFD7D,"
                + "CB28E0999B9C7715FD0A80D8E47A77079716CBBF917DD72E97566EA1C066957C86FA3BB4E26CAD5BF90B7F81899256CE7594BB1EA0C89212748BFF3B3D5B0315",
        "ECDSA_P384, 3076301006072a8648ce3d020106052b8104002203620004,"
                + "96281BF8DD5E0525CA049C048D345D3082968D10FEDF5C5ACA0C64E6465A97EA5CE10C9DFEC21797415710721F437922"
                + "447688BA94708EB6E2E4D59F6AB6D7EDFF9301D249FE49C33096655F5D502FAD3D383B91C5E7EDAA2B714CC99D5743CA,"
                + "FB017B914E29149432D8BAC29A514640B46F53DDAB2C69948084E2930F1C8F7E08E07C9C63F2D21A07DCB56A6AF56EB3"
                + "B263A1305E057F984D38726A1B46874109F417BCA112674C528262A40A629AF1CBB9F516CE0FA7D2FF630863A00E8B9F",
        "ECDSA_P521, 30819b301006072a8648ce3d020106052b810400230381860004,"
                + "0151518F1AF0F563517EDD5485190DF95A4BF57B5CBA4CF2A9A3F6474725A35F7AFE0A6DDEB8BEDBCD6A197E592D40188901CECD650699C9B5E456AEA5ADD19052A8"
                + "006F3B142EA1BFFF7E2837AD44C9E4FF6D2D34C73184BBAD90026DD5E6E85317D9DF45CAD7803C6C20035B2F3FF63AFF4E1BA64D1C077577DA3F4286C58F0AEAE643,"
                + "0154FD3836AF92D0DCA57DD5341D3053988534FDE8318FC6AAAAB68E2E6F4339B19F2F281A7E0B22C269D93CF8794A9278880ED7DBB8D9362CAEACEE544320552251"
                + "017705A7030290D1CEB605A9A1BB03FF9CDD521E87A696EC926C8C10C8362DF4975367101F67D1CF9BCCBF2F3D239534FA509E70AAC851AE01AAC68D62F866472660"})
    void rfc4754(SignatureScheme scheme, String before, String point, String signature) throws Exception {
        byte[] info = Bytes.hex(before + point).toArray();
        VerifyingKey key = VerifyingKeys.of(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(info)));
        assertThat(key.verifies(scheme, Bytes.hex("616263"), Bytes.hex(signature))).isTrue();
        assertThat(key.verifies(scheme, Bytes.hex("616264"), Bytes.hex(signature))).isFalse();
    }

    /** RFC 8032, sections 7.1 (tests 1, 2 and 3) and 7.4 (blank, and one octet): the signature of a message is always the same. */
    @ParameterizedTest
    @CsvSource({
        "ED25519, 302e020100300506032b657004220420, 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "302a300506032b6570032100, d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, '',"
                + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "ED25519, 302e020100300506032b657004220420, 4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "302a300506032b6570032100, 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c, 72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        "ED25519, 302e020100300506032b657004220420, c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "302a300506032b6570032100, fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025, af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        "ED448, 3047020100300506032b6571043b0439, 6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b,"
                + "3043300506032b6571033a00, 5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180, '',"
                + "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980"
                + "ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
        "ED448, 3047020100300506032b6571043b0439, c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e,"
                + "3043300506032b6571033a00, 43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480, 03,"
                + "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd77980"
                + "5e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"})
    void rfc8032(SignatureScheme scheme, String before, String secret, String openBefore, String open, String message, String signature) throws Exception {
        SigningKey signing = SigningKeys.of(Secret.copyOf(Bytes.hex(before + secret)));
        assertThat(signing.sign(scheme, Bytes.hex(message))).isEqualTo(Bytes.hex(signature));
        byte[] info = Bytes.hex(openBefore + open).toArray();
        VerifyingKey key = VerifyingKeys.of(KeyFactory.getInstance("EdDSA").generatePublic(new X509EncodedKeySpec(info)));
        assertThat(key.verifies(scheme, Bytes.hex(message), Bytes.hex(signature))).isTrue();
        assertThat(key.verifies(scheme, Bytes.hex(message + "00"), Bytes.hex(signature))).isFalse();
    }
}
