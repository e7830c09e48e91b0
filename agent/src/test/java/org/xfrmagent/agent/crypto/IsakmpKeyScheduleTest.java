package org.xfrmagent.agent.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.wire.v1.CapturedMainMode;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.HashPayload;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.agent.wire.v1.KePayload;
import org.xfrmagent.agent.wire.v1.NoncePayload;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;

/** IKEv1's keys and hashes against those of strongSwan, for a main mode and a quick mode with PFS. */
class IsakmpKeyScheduleTest {
    private static final Algorithm AES = row("aes256");
    private static final Algorithm SHA256 = row("prfsha256");
    private static final Prf PRF = Prf.of(SHA256);
    private static final IsakmpCipher CIPHER = IsakmpCipher.of(AES, SHA256);

    private static final IsakmpHeader HEADER = IsakmpHeader.peek(CapturedMainMode.MAIN_3);
    private static final Chain MAIN_1 = clear(CapturedMainMode.MAIN_1);
    private static final Chain MAIN_3 = clear(CapturedMainMode.MAIN_3);
    private static final Chain MAIN_4 = clear(CapturedMainMode.MAIN_4);

    private static Algorithm row(String keyword) {
        return Algorithms.byKeyword(keyword).orElseThrow();
    }

    private static Chain clear(Bytes datagram) {
        return ((IsakmpMessage.Clear) IsakmpCodec.decode(datagram).body()).chain();
    }

    private static Bytes encrypted(Bytes datagram) {
        return datagram.from(IsakmpHeader.LENGTH);
    }

    private static Bytes nonce(Chain chain) {
        return chain.first(NoncePayload.class).orElseThrow().data();
    }

    private static Bytes ke(Chain chain) {
        return chain.first(KePayload.class).orElseThrow().data();
    }

    private static IsakmpKeys keys() {
        Secret skeyid =
                IsakmpKeySchedule.pskSkeyid(PRF, Secret.copyOf(CapturedMainMode.PSK), nonce(MAIN_3), nonce(MAIN_4));
        return IsakmpKeySchedule.keys(
                PRF, skeyid, Secret.copyOf(CapturedMainMode.SHARED), HEADER.initiatorCookie(), HEADER.responderCookie(), AES);
    }

    private static Chain decrypt(Bytes datagram, Bytes iv) {
        int first = IsakmpHeader.peek(datagram).nextPayload();
        return IsakmpCodec.decodeChain(first, CIPHER.decrypt(keys().cipher(), iv, encrypted(datagram)));
    }

    private static Bytes hash(Chain chain) {
        return chain.first(HashPayload.class).orElseThrow().data();
    }

    private static Secret secret(Bytes octets) {
        return Secret.copyOf(octets);
    }

    @Test
    void theSkeyidFamilyIsStrongSwans() {
        IsakmpKeys keys = keys();
        assertThat(keys.skeyid()).isEqualTo(secret(CapturedMainMode.SKEYID));
        assertThat(keys.d()).isEqualTo(secret(CapturedMainMode.SKEYID_D));
        assertThat(keys.a()).isEqualTo(secret(CapturedMainMode.SKEYID_A));
        assertThat(keys.cipher()).isEqualTo(secret(CapturedMainMode.CIPHER_KEY));
        assertThat(CapturedMainMode.SKEYID_E).isEqualTo(CapturedMainMode.CIPHER_KEY);
    }

    /* HDR*, IDii, HASH_I -->   <-- HDR*, IDir, HASH_R, the IV chained from one to the next */
    @Test
    void bothSidesAreAuthenticatedByTheirHashes() {
        Bytes iv = CIPHER.firstIv(ke(MAIN_3), ke(MAIN_4));
        assertThat(iv).isEqualTo(CapturedMainMode.FIRST_IV);
        Bytes sa = MAIN_1.bodyOf(SaPayload.class).orElseThrow();

        Chain five = decrypt(CapturedMainMode.MAIN_5, iv);
        assertThat(five.summary()).isEqualTo("ID, HASH, N");
        assertThat(hash(five)).isEqualTo(CapturedMainMode.HASH_I);
        assertThat(IsakmpKeySchedule.authHash(
                        PRF, keys().skeyid(), ke(MAIN_3), ke(MAIN_4), HEADER.initiatorCookie(), HEADER.responderCookie(), sa,
                        five.bodyOf(IdPayload.class).orElseThrow()))
                .isEqualTo(CapturedMainMode.HASH_I);

        Chain six = decrypt(CapturedMainMode.MAIN_6, CIPHER.lastBlock(encrypted(CapturedMainMode.MAIN_5)));
        assertThat(hash(six)).isEqualTo(CapturedMainMode.HASH_R);
        assertThat(IsakmpKeySchedule.authHash(
                        PRF, keys().skeyid(), ke(MAIN_4), ke(MAIN_3), HEADER.responderCookie(), HEADER.initiatorCookie(), sa,
                        six.bodyOf(IdPayload.class).orElseThrow()))
                .isEqualTo(CapturedMainMode.HASH_R);
    }

    private static Bytes firstQuickIv() {
        return CIPHER.firstIv(
                CIPHER.lastBlock(encrypted(CapturedMainMode.MAIN_6)), IsakmpHeader.peek(CapturedMainMode.QUICK_1).messageId());
    }

    /* HDR*, HASH(1), SA, Ni, KE, IDci, IDcr -->   <-- HDR*, HASH(2), SA, Nr, KE, IDci, IDcr   HDR*, HASH(3) --> */
    @Test
    void everyMessageOfQuickModeIsAuthenticatedByItsHash() {
        int id = IsakmpHeader.peek(CapturedMainMode.QUICK_1).messageId();
        Secret a = keys().a();
        Chain one = decrypt(CapturedMainMode.QUICK_1, firstQuickIv());
        Chain two = decrypt(CapturedMainMode.QUICK_2, CIPHER.lastBlock(encrypted(CapturedMainMode.QUICK_1)));
        Chain three = decrypt(CapturedMainMode.QUICK_3, CIPHER.lastBlock(encrypted(CapturedMainMode.QUICK_2)));
        assertThat(one.summary()).isEqualTo("HASH, SA, Nonce, KE, ID, ID");

        assertThat(IsakmpKeySchedule.hash1(PRF, a, id, one.afterFirst())).isEqualTo(hash(one)).isEqualTo(CapturedMainMode.HASH_1);
        assertThat(IsakmpKeySchedule.hash2(PRF, a, id, nonce(one), two.afterFirst()))
                .isEqualTo(hash(two))
                .isEqualTo(CapturedMainMode.HASH_2);
        assertThat(IsakmpKeySchedule.hash3(PRF, a, id, nonce(one), nonce(two))).isEqualTo(hash(three)).isEqualTo(CapturedMainMode.HASH_3);

        Bytes delete = CapturedMainMode.DELETE_ESP;
        int deleteId = IsakmpHeader.peek(delete).messageId();
        Chain deletion = decrypt(delete, CIPHER.firstIv(CIPHER.lastBlock(encrypted(CapturedMainMode.MAIN_6)), deleteId));
        assertThat(deletion.summary()).isEqualTo("HASH, D");
        assertThat(IsakmpKeySchedule.hash1(PRF, a, deleteId, deletion.afterFirst())).isEqualTo(hash(deletion));
    }

    @Test
    void theKeysOfPhase2AreStrongSwans() {
        Chain one = decrypt(CapturedMainMode.QUICK_1, firstQuickIv());
        Chain two = decrypt(CapturedMainMode.QUICK_2, CIPHER.lastBlock(encrypted(CapturedMainMode.QUICK_1)));
        DirectionKeys towardsResponder = childKeys(two, one, two);
        assertThat(towardsResponder.encryption()).isEqualTo(secret(CapturedMainMode.ESP_KEY_I));
        assertThat(towardsResponder.integrity()).isEqualTo(secret(CapturedMainMode.MAC_KEY_I));
        DirectionKeys towardsInitiator = childKeys(one, one, two);
        assertThat(towardsInitiator.encryption()).isEqualTo(secret(CapturedMainMode.ESP_KEY_R));
        assertThat(towardsInitiator.integrity()).isEqualTo(secret(CapturedMainMode.MAC_KEY_R));
    }

    private static DirectionKeys childKeys(Chain receiver, Chain one, Chain two) {
        int spi = receiver.first(SaPayload.class).orElseThrow().proposals().getFirst().spi().i32(0);
        return IsakmpKeySchedule.childKeys(
                PRF, keys().d(), Optional.of(secret(CapturedMainMode.QUICK_SHARED)), 3, spi, nonce(one), nonce(two), Optional.of(AES),
                Optional.of(row("sha256")));
    }

    /** Appendix B: SHA-1's 20 octets are no key for AES-256, MD5's 16 none for 3DES. */
    @Test
    void aShortSkeyidIsStretchedForALongKey() {
        for (String prf : new String[] {"prfsha1", "prfmd5", "prfsha512"}) {
            for (String cipher : new String[] {"aes256", "aes128", "3des"}) {
                Prf function = Prf.of(row(prf));
                Secret skeyid = IsakmpKeySchedule.pskSkeyid(function, secret(CapturedMainMode.PSK), nonce(MAIN_3), nonce(MAIN_4));
                IsakmpKeys keys = IsakmpKeySchedule.keys(function, skeyid, secret(CapturedMainMode.SHARED), 1, 2, row(cipher));
                assertThat(keys.cipher().length()).isEqualTo(row(cipher).keyBytes());
                IsakmpCipher chain = IsakmpCipher.of(row(cipher), row(prf));
                Bytes iv = chain.firstIv(nonce(MAIN_3), nonce(MAIN_4));
                Bytes sealed = chain.encrypt(keys.cipher(), iv, CapturedMainMode.PSK);
                assertThat(chain.fits(sealed)).isTrue();
                assertThat(chain.decrypt(keys.cipher(), iv, sealed).slice(0, CapturedMainMode.PSK.length())).isEqualTo(CapturedMainMode.PSK);
                keys.wipe();
                assertThat(skeyid.isWiped()).isTrue();
            }
        }
    }

    @Test
    void skeyidOfSignaturesIsKeyedByTheNonces() {
        Secret key = secret(Bytes.concat(nonce(MAIN_3), nonce(MAIN_4)));
        assertThat(IsakmpKeySchedule.signatureSkeyid(PRF, nonce(MAIN_3), nonce(MAIN_4), secret(CapturedMainMode.SHARED)))
                .isEqualTo(PRF.compute(key, CapturedMainMode.SHARED));
    }

    @Test
    void onlyBlockCiphersInCbcModeEncryptMessages() {
        assertThatThrownBy(() -> IsakmpCipher.of(row("aes256gcm16"), SHA256)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IsakmpCipher.of(row("null"), SHA256)).isInstanceOf(IllegalArgumentException.class);
        assertThat(CIPHER.fits(Bytes.hex("00".repeat(17)))).isFalse();
        assertThat(CIPHER.fits(Bytes.empty())).isFalse();
    }
}
