package org.xfrmagent.policies.algorithm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.xfrmagent.policies.algorithm.Algorithm.Ikev1;
import org.xfrmagent.policies.algorithm.Algorithm.Kernel;
import org.xfrmagent.policies.algorithm.Algorithm.Sizes;
import org.xfrmagent.policies.algorithm.Algorithm.Standing;
import org.xfrmagent.policies.algorithm.Algorithm.Values;

/** Writes one row of the table, column by named column: thirty numbers in a constructor call could not be read. */
final class Row {
    private final TransformType type;
    private final String keyword;
    private final String viciName;
    private final int ikev2Id;
    private final List<String> aliases = new ArrayList<>();
    private int keyLengthAttribute;
    private OptionalInt oakley = OptionalInt.empty();
    private OptionalInt esp = OptionalInt.empty();
    private OptionalInt ah = OptionalInt.empty();
    private Sizes sizes = new Sizes(0, 0, 1, 0, 0);
    private Values values = new Values(0, 0, 0);
    private boolean aead;
    private String kernelName = "";
    private String kernelSince = "";
    private Optional<String> jca = Optional.empty();
    private Optional<Advice> ike = Optional.empty();
    private Optional<Advice> ipsec = Optional.empty();
    private Standing standing = Standing.USABLE;

    private Row(TransformType type, String keyword, String viciName, int ikev2Id) {
        this.type = type;
        this.keyword = keyword;
        this.viciName = viciName;
        this.ikev2Id = ikev2Id;
    }

    static Row of(TransformType type, String keyword, String viciName, int ikev2Id) {
        return new Row(type, keyword, viciName, ikev2Id);
    }

    Row alias(String... words) {
        aliases.addAll(List.of(words));
        return this;
    }

    Row keyLength(int bits) {
        keyLengthAttribute = bits;
        return this;
    }

    Row oakley(int id) {
        oakley = OptionalInt.of(id);
        return this;
    }

    Row ikev1Esp(int id) {
        esp = OptionalInt.of(id);
        return this;
    }

    Row ikev1Ah(int id) {
        ah = OptionalInt.of(id);
        return this;
    }

    /** A cipher with a key, a block and an IV. */
    Row cipher(int key, int salt, int block, int iv) {
        sizes = new Sizes(key, salt, block, iv, 0);
        return this;
    }

    /** A cipher whose packets carry its own {@code icv}. */
    Row aead(int key, int salt, int iv, int icv) {
        sizes = new Sizes(key, salt, 1, iv, icv);
        aead = true;
        return this;
    }

    /** A MAC over blocks of {@code block}, truncated to {@code icv}. */
    Row mac(int key, int block, int icv) {
        sizes = new Sizes(key, 0, block, 0, icv);
        return this;
    }

    Row prf(int keyAndOutput, int block) {
        sizes = new Sizes(keyAndOutput, 0, block, 0, 0);
        return this;
    }

    Row values(int each, int secret) {
        return values(each, each, secret);
    }

    Row values(int initiator, int responder, int secret) {
        values = new Values(initiator, responder, secret);
        return this;
    }

    Row kernel(String name) {
        kernelName = name;
        return this;
    }

    Row since(String kernelVersion) {
        kernelSince = kernelVersion;
        return this;
    }

    Row jca(String name) {
        jca = Optional.of(name);
        return this;
    }

    Row ike(Advice advice) {
        ike = Optional.of(advice);
        return this;
    }

    Row ipsec(Advice advice) {
        ipsec = Optional.of(advice);
        return this;
    }

    Row both(Advice advice) {
        return ike(advice).ipsec(advice);
    }

    Row standing(Standing wanted) {
        standing = wanted;
        return this;
    }

    Algorithm done() {
        Optional<Kernel> kernel = kernelName.isEmpty()
                ? Optional.empty()
                : Optional.of(new Kernel(kernelName, sizes.icvBytes() * 8, kernelSince));
        Ikev1 ikev1 = oakley.isPresent() || esp.isPresent() || ah.isPresent() ? new Ikev1(oakley, esp, ah) : Ikev1.NONE;
        return new Algorithm(type, keyword, aliases, viciName, ikev2Id, keyLengthAttribute, ikev1, sizes, values, aead, kernel, jca,
                ike, ipsec, standing);
    }
}
