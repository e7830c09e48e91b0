package org.xfrmagent.agent.eap;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request or response is about (RFC 3748, section 5, and IANA's "Method Types").
 *
 * @param vendor an IANA enterprise number, 24 bits; 0 for the types of the IETF
 * @param number 32 bits; below 256 for those of the IETF
 */
public record EapType(int vendor, long number) {
    /** In a {@link EapPacket.Nak}: the peer knows no other; nothing else is of this type (RFC 3748, section 5.3.1). */
    static final EapType NONE = new EapType(0, 0);

    public static final EapType IDENTITY = new EapType(0, 1);
    public static final EapType NOTIFICATION = new EapType(0, 2);
    public static final EapType NAK = new EapType(0, 3);
    public static final EapType MD5 = new EapType(0, 4);
    public static final EapType GTC = new EapType(0, 6);
    public static final EapType TLS = new EapType(0, 13);
    public static final EapType SIM = new EapType(0, 18);
    public static final EapType TTLS = new EapType(0, 21);
    public static final EapType AKA = new EapType(0, 23);
    public static final EapType PEAP = new EapType(0, 25);
    public static final EapType MSCHAPV2 = new EapType(0, 26);
    public static final EapType AKA_PRIME = new EapType(0, 50);

    /** Says that vendor and number follow (RFC 3748, section 5.7); in a {@link EapPacket.Nak}, that types of vendors are wanted. */
    public static final EapType EXPANDED = new EapType(0, 254);

    private static final int ONE_OCTET = 256;

    /**
     * @param word what follows {@code eap-} in swanctl.conf(5)
     * @param keys both ends have a key afterwards (MSK), which nobody between them has
     * @param mutual the peer is shown who the server is
     */
    private record Row(EapType type, String word, boolean keys, boolean mutual) {}

    private static final List<Row> ROWS = List.of(
            new Row(IDENTITY, "identity", false, false),
            new Row(NOTIFICATION, "notification", false, false),
            new Row(NAK, "nak", false, false),
            new Row(MD5, "md5", false, false),
            new Row(GTC, "gtc", false, false),
            new Row(TLS, "tls", true, true),
            new Row(SIM, "sim", true, true),
            new Row(TTLS, "ttls", true, true),
            new Row(AKA, "aka", true, true),
            new Row(PEAP, "peap", true, true),
            new Row(MSCHAPV2, "mschapv2", true, true),
            new Row(AKA_PRIME, "aka-prime", true, true));

    private static final Map<EapType, Row> BY_TYPE = ROWS.stream().collect(toUnmodifiableMap(Row::type, identity()));
    private static final Map<String, Row> BY_WORD = ROWS.stream().collect(toUnmodifiableMap(Row::word, identity()));
    private static final Pattern NUMBERS = Pattern.compile("([1-9][0-9]{0,9})(?:-([1-9][0-9]{0,7}))?");

    public EapType {
        if (vendor < 0 || vendor > 0xffffff || number < 0 || number > 0xffffffffL || vendor == 0 && number >= ONE_OCTET) {
            throw new IllegalArgumentException("EAP has no type " + number + " of vendor " + vendor);
        }
    }

    /** @param word as swanctl.conf(5) has it behind {@code eap-}: a name, a number, or {@code number-vendor} */
    public static Optional<EapType> byWord(String word) {
        Row row = BY_WORD.get(word);
        if (row != null) {
            return Optional.of(row.type);
        }
        Matcher numbers = NUMBERS.matcher(word);
        if (!numbers.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(numbers.group(1));
        int vendor = numbers.group(2) == null ? 0 : Integer.parseInt(numbers.group(2));
        boolean fits = vendor <= 0xffffff && number <= (vendor == 0 ? ONE_OCTET - 1 : 0xffffffffL);
        return fits ? Optional.of(new EapType(vendor, number)) : Optional.empty();
    }

    /** Whether authentication can rest on it: neither a word between the ends, nor a mark in the packet. */
    public boolean isMethod() {
        return vendor != 0 || number > NAK.number && number != EXPANDED.number;
    }

    /** Whether both ends have an MSK afterwards, which IKE's AUTH payloads are made with (RFC 7296, section 2.16). */
    public boolean derivesKey() {
        return Optional.ofNullable(BY_TYPE.get(this)).map(Row::keys).orElse(false);
    }

    /** Whether it shows the peer who the server is, so that no certificate has to (RFC 5998). */
    public boolean isMutual() {
        return Optional.ofNullable(BY_TYPE.get(this)).map(Row::mutual).orElse(false);
    }

    /** The word that {@link #byWord} knows. */
    public String word() {
        return Optional.ofNullable(BY_TYPE.get(this)).map(Row::word).orElseGet(() -> vendor == 0 ? Long.toString(number) : number + "-" + vendor);
    }

    /** As log lines name it, {@code EAP-MSCHAPV2}. */
    @Override
    public String toString() {
        return "EAP-" + word().toUpperCase(Locale.ROOT);
    }
}
