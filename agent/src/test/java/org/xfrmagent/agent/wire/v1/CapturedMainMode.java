package org.xfrmagent.agent.wire.v1;

import java.nio.charset.StandardCharsets;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What strongSwan 5.9.8 said to itself in main mode and quick mode between 10.9.0.1 (a.lab) and 10.9.0.2 (b.lab), with a throw-away
 * pre-shared key: aes256-sha256-modp2048 in both phases, ESP in tunnel mode. The secrets are from charon's log.
 */
public final class CapturedMainMode {
    public static final Bytes PSK = Bytes.wrap("lab secret one".getBytes(StandardCharsets.US_ASCII));

    /** HDR, SA, VID... --&gt; */
    public static final Bytes MAIN_1 = Bytes.hex("""
            2609af8e220cf8ac00000000000000000110020000000000000000b40d00003800000001000000010000002c01010001
            000000240101000080010007800e0100800200048004000e80030001800b0001800c3de00d00000c09002689dfd6b712
            0d000014afcad71368a1f1c96b8696fc775701000d0000184048b7d56ebce88525e7de7f00d6c2d3800000000d000014
            4a131c81070358455c5728f20e95452f0000001490cb80913ebb696e086381b5ec427b1f""");

    /** &lt;-- HDR, SA, VID... */
    public static final Bytes MAIN_2 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea3322950110020000000000000000a00d00003800000001000000010000002c01010001
            000000240101000080010007800e0100800200048004000e80030001800b0001800c3de00d00000c09002689dfd6b712
            0d000014afcad71368a1f1c96b8696fc775701000d0000184048b7d56ebce88525e7de7f00d6c2d38000000000000014
            4a131c81070358455c5728f20e95452f""");

    /** HDR, KE, Ni, NAT-D, NAT-D --&gt; */
    public static final Bytes MAIN_3 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea33229504100200000000000000018c0a000104e293bb30e1812b1bd7d4db13223c6dcc
            feed5aafee568fdcb97e3afaac442c270c02798dc1bc36d401e22571b621d0e2c49bdde391589c2815d740ab6c6d14e4
            4967d1662b37ac816660a73616cfa0747e8a035e572154d52bd0c71bcd1b6bdb0c350a5875e250e5e253e5768ebd70e1
            b632ad630394d6dfeeaa2024107a0404cc6bd8c2fad6a2dcf59c68d4c2b5a0752869b970b87c4f651ccc07d554ff6abc
            55d64267a95d12a7518f19499968e0183016b9add0858061a02cda537ef0d47e91cf3da8d5e9f5cac27109fa066339cb
            d44bcdd40b15487368f93b4fae7b4f3f8fe44d87a2c326f15db3466720eb84fd15e4228216797eb095491a0e25534485
            140000243290ed26cb083ad94e6be7c04837201f9c0980b39e94b9e5e08da7e26eb6729f140000242a982ed79dc9b76b
            fb4b2e18e1083df71028ad208be474925b25ba5944267bd900000024c425e4264b646cdf7053934abfb8ee3579a02393
            f90759319b074bc87252fdff""");

    /** &lt;-- HDR, KE, Nr, NAT-D, NAT-D */
    public static final Bytes MAIN_4 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea33229504100200000000000000018c0a0001041002483d29756f36f2142863d4a29a8d
            b34610cd380d2a6ecf56067dca4663a840f7c6e0f734f462a7aa495c839504c43d604dcc4b603996f62b2de9bdb8b217
            b27abd4d8a10f147204186cc3aaa4f3bccbaaca8bdf82eeee2c9d690fb49dd9a0180318e2fe7659cbd8e12a1d60a4984
            94d93be5d8f34e9cab90c992c82e9e09ade6004bd04e1539a11445434f26f723324b4bf580cd54562260d7cc46ca74d9
            24c01ea4c08f7e40f96c6b521013089e3b43526f9056d7bd70825301837b0660f15707485df60d35dca4f0bae14dec1e
            24b2d5e83149675a9912d16dd90579dacd637f89bde3fa62746a09caf1922f6d388643a746fe4c1747a573ee712111ba
            1400002483606e2674780beea90a3e47e7b334cc3a063bf01a2f772a5aa40b599dfac60614000024c425e4264b646cdf
            7053934abfb8ee3579a02393f90759319b074bc87252fdff000000242a982ed79dc9b76bfb4b2e18e1083df71028ad20
            8be474925b25ba5944267bd9""");

    /** HDR*, IDii, HASH_I, N(INITIAL_CONTACT) --&gt; */
    public static final Bytes MAIN_5 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea33229505100201000000000000006c7d7a39f3a54dbf700c66905d3126dc1e4d2e6db3
            8eca807377f90d73984e2aebf9b07321c441eb533dd6951777205a5dedee7e9d2df6ac861f595a4bbd090ace38b6683f
            a6ad4a2ac50210a78ba4fb13""");

    /** &lt;-- HDR*, IDir, HASH_R */
    public static final Bytes MAIN_6 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea33229505100201000000000000005c3f620a4b08adb94284044d4acb66f3c87829a682
            7bf2bfc09b165000ce2f10ac526bbab1e0dfb2000725e657568a3c370c20fdd8864436bd47180ec915e1914d""");

    /** HDR*, HASH(1), SA, Ni, KE, IDci, IDcr --&gt; */
    public static final Bytes QUICK_1 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea332295081020016a5a42d0000001ccb9e6a1992fb30ecb1bc62f8194d809295bb70cdf
            7497172bf76e4811734470bd9ee6c0776801b6b1502d0aa6b3058c1dac94993dfb72d0e0342a7f726f4ceeb785d8351b
            bd3a6e90c5e781fb72c4a904c3cd3933d796bd59aa455c1f2fdb724711999ba1d4000dc84fae316ffb05a1ed45020540
            4acb8314831ad9cd86c32feae3e9a0e08c72ba0234679641c34cc1c3002e3bcdd554e5c31a6e2e187d35dfcf35689958
            927bce2923480a6942d3af80054f4ba6a6a54156dd8d4b6220e76e81688ef08da5d939951ece4adbc8fd9da31c1bf14d
            e6769d7249acb5db64fd470a3ef3b51c3ba5c8f05c866819bb05a379b9cbcf6a0c7e2414ca31938af4662a23c97c9244
            fae1bab618838d1ae74b8eb3c5e07a890823b2a227e4bd0b4d69a2cd50b1b26c91ba4b5ed60e8b76f2599c0f078b2700
            d390b3dc7db39b73e9910319f14570081d94ad804dcbb6054698acf095d8422435cfaa905929bcda059e638f3eb70c3a
            03aa5e2894ecb4a3a62fd1086b2d12ca82bdff1df19174fd65c2e4c6eda46e7209984e399061ef1465f16ffcefe959fd
            a7ed82cd0a382cc239461db396d13837f75216b10992e526191f9943""");

    /** &lt;-- HDR*, HASH(2), SA, Nr, KE, IDci, IDcr */
    public static final Bytes QUICK_2 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea332295081020016a5a42d0000001ccfc7ee651ceb3fac5ad789d302aefbf0494bf7a1d
            843fdeb91a37f50fa23a0c38159d487ffd047d203d5c06d7e7618759ba7ea613d6e0ba2b94cb3a531fff339d1e7aef59
            0785f6f1d7785fa543ea412b45828c2549713a018f07c2ac463dc56f83d2c68d06a07241f3f80f28d8d6749c29430228
            c7b01ca32119e0000cd5af5684ee7c2a4c9be10446a77b1dbe52a27df018321ec78b0c09a8d46b00080055f5dc33d6b0
            f8aa005544a66d1933d68ba006487aef364978ba82af158e0501c432691ce2f49cdc22a3d6c877874280f6979c34f05d
            22dad94299dcc4c2cc17299b1f876997879c64e8559c96e49e4d6d4488353f0fd5e342ad8ccaa7af99ca958a83b92b6f
            6574a0c4e482a6c2fbf8baa4091e6e3e9007f65082ce99c7f5ab7d2b6717f17f34dc7fd5d8732369a40102232e24c409
            4ad26fa29dc81d268a12c48014c0fecbf21897d4022d45597b3ccdb2eaf28e99bd3ce73ffedb22134e0c564ac015ebd3
            2703cf1a4fb626ae19009efee615f5fc47f7e5d426029ec4ca28d870e492f91c483a90cb54e7593809654b5d71a28a81
            7fb25b4232f2157b3720351b204cd3e2690a9a58c040796ca32fd990""");

    /** HDR*, HASH(3) --&gt; */
    public static final Bytes QUICK_3 = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea332295081020016a5a42d00000004cc386dcec838fa249eecae2871081c793accccaf6
            0440774d807a2587407e013bc330ce3f74b30c6734300f56d4f2177a""");

    /** HDR*, HASH(1), D --&gt; */
    public static final Bytes DELETE_ESP = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea33229508100501180853e90000005cd429f25196a515d9f415e65057986c4a57c641ae
            cedfedd3afd61ca2e1b60f3b38541e6864cacd393580d6fa1f9ba7217e6392dea783d6e8a4c251eddb176ecc""");

    /** HDR*, HASH(1), D --&gt; */
    public static final Bytes DELETE_ISAKMP = Bytes.hex("""
            2609af8e220cf8ace52ae5fbea332295081005017abd48130000006c780fd76605af4716dc39d852492551474f7c4c44
            9494d9fdbffc4b4c2ac1aba48e9dabb06b9556b42e5912c8743e01a22e65f2a5ff6e963956d48d57ed350924bf326cff
            acf200782154c196c020feda""");

    /** g^xy of phase 1 */
    public static final Bytes SHARED = Bytes.hex("""
            cc28fed94d42064d497dfa16a28425a51d855b9b95071fb0a82ec1fd6d95a675689d9ffad8b905cbfb301d59f477369e
            1b919446f2b367a4fa112fef10f61a73761072d97457c463a4926ec12cbc2a27420b63853e2bd22f015adeee4b5e86a3
            14f3b5dba64b807411765587d861c46879a8da50c4154ae688d95918edd5db77d9d9e4e6a29a8380c1e7bcd4be598df2
            52a5fe04e5aa94cf7c2bda25933909aae9b05b33667ed79e2ea9b466739ce43163a8cd3be399fe4c65744e434ad29ab4
            246e49f1f398ec9fd08adbfc794a09db8b3b6dfd4107470c511d7aba9f1006410098392281f1b50df747972ca9f02580
            e5bfaa3d024c2f88b42bffa4726de8c0""");

    public static final Bytes SKEYID = Bytes.hex("""
            f2d820bcbb1aaace95f69e8a4181465c3d83beb99cef50348be4da697ab689f9""");

    public static final Bytes SKEYID_D = Bytes.hex("""
            c3f74646ed303090011da136bc5bf514edc8c380108bb0a99d2ccb712ed47c9a""");

    public static final Bytes SKEYID_A = Bytes.hex("""
            cdc42849a6fd51e4802c296dd2e8289fa9f1d7b7c4dce883f9d1c0bcbb9b2cb7""");

    public static final Bytes SKEYID_E = Bytes.hex("""
            71ef0790b3051f17177dd2ef28818edaa85ec55912de9a21c2c58a26234a9a79""");

    /** Of the ISAKMP SA. */
    public static final Bytes CIPHER_KEY = Bytes.hex("""
            71ef0790b3051f17177dd2ef28818edaa85ec55912de9a21c2c58a26234a9a79""");

    public static final Bytes FIRST_IV = Bytes.hex("""
            a5aea8d4045c19961b3dcdea1f6bd9f1""");

    public static final Bytes HASH_I = Bytes.hex("""
            9541a196e3a5ba1929c80120f9de2b503ca0e96bd2211ab5fb8c8fbde8ec0891""");

    public static final Bytes HASH_R = Bytes.hex("""
            e24715a0ba4ed4385da6df634c1ce2c4e8bfbcff512861cac609d6f220531aa3""");

    public static final Bytes HASH_1 = Bytes.hex("""
            1ec1b7ac3e018f93e3668a9f237cbfb5666be0429811b2c61abab951212c39ca""");

    public static final Bytes HASH_2 = Bytes.hex("""
            fd8fcba0fb7c0fbd539a159e73983b851d478cd39ae41705eca62d83e851f0ed""");

    public static final Bytes HASH_3 = Bytes.hex("""
            920b0c5c9b00f9894ecb2874740c02b1edc2505e8142b326460b357326c11d54""");

    /** g(qm)^xy of phase 2 */
    public static final Bytes QUICK_SHARED = Bytes.hex("""
            e56b92059d3863992cb0b869984dffce1e112c7bb5a787f19123e41a6aa561b65ee3dec2450f516b6965b75e34735f35
            bcc19646407c60c261e1f33443a5aa31458d39f097685835fd38104462a653d0e9e13fb5551ae9c03a3ef408704af3b6
            e742b66eda90221f41e84fdbc32e961d676c4607516147a5256cf85e9418a3976e8eccdb56685695ca1b3014f29448df
            0516233f6f7216a68af4312a354831e3be92850e0ef193174d2c25b1e418d1b9832a393a820aab8063cc859f9472b3e9
            b75c06322a05b5fd35181ff4c487ead214a63b0b9235e784d537400dca12216a9555c588c4c6ce1e99981210a1216606
            651a1e8a5696c1b3e805234f6b5c2fff""");

    /** Of the SA from initiator to responder. */
    public static final Bytes ESP_KEY_I = Bytes.hex("""
            9b050a7d9b2986596629125318ca81d25c22cf294b7a2a40ac66c32c77580f5f""");

    public static final Bytes ESP_KEY_R = Bytes.hex("""
            9f4d7f8e02b49acdb377cf68fb2d302aa61afb5c6a97345192772a07e4cfc8ee""");

    /** Of the SA from initiator to responder. */
    public static final Bytes MAC_KEY_I = Bytes.hex("""
            406b962640f40e9607b0b48f575ceaa52147b404360cad639f83f3e79ed8b7c0""");

    public static final Bytes MAC_KEY_R = Bytes.hex("""
            024ca80555059a4a9c0ac90dac697327c05a42b53ccffe28f6c1d41998810627""");

    private CapturedMainMode() {}
}
