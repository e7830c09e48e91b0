package org.xfrmagent.agent.eap;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.MsChap;

/**
 * What EAP-MSCHAPV2 carries (draft-kamath-pppext-eap-mschapv2-02, section 2).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    OpCode     | MS-CHAPv2-ID  |           MS-Length           |   counts from OpCode
 * |  Value-Size   |  Value ...                    |  Name ...         of a challenge or response
 * </pre>
 */
sealed interface Mschapv2 {
    /** Request 1. */
    record Challenge(int id, Bytes challenge, String name) implements Mschapv2 {}

    /** Response 2. */
    record Response(int id, Bytes peerChallenge, Bytes ntResponse, String name) implements Mschapv2 {}

    /** Request 3: {@code S=} and the authenticator's response. */
    record Success(int id, Bytes authenticatorResponse) implements Mschapv2 {}

    /** Request 4: {@code E=} and why, {@code R=} and whether another password may be shown, {@code C=} and the challenge for it. */
    record Failure(int id, int error, boolean retry, Optional<Bytes> challenge) implements Mschapv2 {}

    /** Response 3: the peer believes the authenticator. */
    record SuccessHeard() implements Mschapv2 {}

    /** Response 4. */
    record FailureHeard() implements Mschapv2 {}

    /** RFC 2759, section 6. */
    int AUTHENTICATION_FAILURE = 691;

    /** In octets, RFC 2759, section 4. */
    int LONGEST_NAME = 256;

    default Bytes encode() {
        return switch (this) {
            case Challenge(int id, Bytes challenge, String name) -> Layout.packet(
                    Layout.CHALLENGE, id, new ByteWriter().u8(challenge.length()).bytes(challenge).bytes(Texts.utf8(name)).toBytes());
            case Response(int id, Bytes peerChallenge, Bytes ntResponse, String name) -> Layout.packet(
                    Layout.RESPONSE, id,
                    new ByteWriter().u8(Layout.RESPONSE_VALUE).bytes(peerChallenge).zeros(8).bytes(ntResponse).u8(0).bytes(Texts.utf8(name)).toBytes());
            case Success(int id, Bytes response) -> Layout.packet(
                    Layout.SUCCESS, id, Texts.utf8("S=" + Layout.UPPER.formatHex(response.toArray()) + " M=welcome"));
            case Failure(int id, int error, boolean retry, var challenge) -> Layout.packet(
                    Layout.FAILURE, id,
                    Texts.utf8("E=" + error + " R=" + (retry ? 1 : 0)
                            + challenge.map(fresh -> " C=" + Layout.UPPER.formatHex(fresh.toArray())).orElse("") + " V=3 M=" + meaning(error)));
            case SuccessHeard() -> Bytes.of((byte) Layout.SUCCESS);
            case FailureHeard() -> Bytes.of((byte) Layout.FAILURE);
        };
    }

    /** @throws MalformedEap if {@code data} is nothing that a peer sends */
    static Mschapv2 ofPeer(Bytes data) {
        return Layout.ofPeer(data);
    }

    /** @throws MalformedEap if {@code data} is nothing that an authenticator sends and we understand */
    static Mschapv2 ofServer(Bytes data) {
        return Layout.ofServer(data);
    }

    /** Of an error number, RFC 2759, section 6. */
    static String meaning(int error) {
        return Layout.ERRORS.getOrDefault(error, "error " + error);
    }

    /** The user of {@code DOMAIN\\user}, which is what is hashed (RFC 2759, section 8.2). */
    static String withoutDomain(String name) {
        return name.substring(name.lastIndexOf('\\') + 1);
    }

    /** How the records lie in octets. */
    final class Layout {
        private static final int CHALLENGE = 1;
        private static final int RESPONSE = 2;
        private static final int SUCCESS = 3;
        private static final int FAILURE = 4;

        private static final int HEADER_OCTETS = 4;
        private static final int RESPONSE_VALUE = 49;
        private static final HexFormat UPPER = HexFormat.of().withUpperCase();
        private static final Pattern AUTHENTICATOR = Pattern.compile("S=([0-9A-Fa-f]{40})(?: M=.*)?", Pattern.DOTALL);
        private static final Pattern ERROR =
                Pattern.compile("E=([0-9]{1,9}) R=([01])(?: C=([0-9A-Fa-f]{32}))?(?: V=[0-9]{1,9})?(?: M=.*)?", Pattern.DOTALL);

        private static final Map<Integer, String> ERRORS = Map.of(
                646, "the hours are restricted",
                647, "the account is disabled",
                648, "the password has expired",
                649, "no dial-in permission",
                AUTHENTICATION_FAILURE, "authentication failure",
                709, "the password could not be changed");

        private Layout() {}

        private static Bytes packet(int code, int id, Bytes body) {
            return new ByteWriter(HEADER_OCTETS + body.length()).u8(code).u8(id).u16(HEADER_OCTETS + body.length()).bytes(body).toBytes();
        }

        private static Mschapv2 ofPeer(Bytes data) {
            int code = code(data);
            if (code == SUCCESS) {
                return new SuccessHeard();
            }
            if (code == FAILURE) {
                return new FailureHeard();
            }
            if (code != RESPONSE) {
                throw new MalformedEap("MSCHAPv2 code " + code + " of a peer, expected a response, success or failure");
            }
            ByteReader in = body(data, 1 + RESPONSE_VALUE);
            int size = in.u8();
            if (size != RESPONSE_VALUE) {
                throw new MalformedEap("an MSCHAPv2 response of " + size + " octets, expected " + RESPONSE_VALUE);
            }
            Bytes peerChallenge = in.bytes(MsChap.CHALLENGE_OCTETS);
            in.skip(8);
            Bytes ntResponse = in.bytes(MsChap.RESPONSE_OCTETS);
            in.skip(1);
            return new Response(data.u8(1), peerChallenge, ntResponse, name(in));
        }

        private static Mschapv2 ofServer(Bytes data) {
            int code = code(data);
            return switch (code) {
                case CHALLENGE -> {
                    ByteReader in = body(data, 1 + MsChap.CHALLENGE_OCTETS);
                    int size = in.u8();
                    if (size != MsChap.CHALLENGE_OCTETS) {
                        throw new MalformedEap("an MSCHAPv2 challenge of " + size + " octets, expected " + MsChap.CHALLENGE_OCTETS);
                    }
                    yield new Challenge(data.u8(1), in.bytes(size), name(in));
                }
                case SUCCESS -> {
                    Matcher matcher = match(AUTHENTICATOR, body(data, 0), "success");
                    yield new Success(data.u8(1), Bytes.hex(matcher.group(1)));
                }
                case FAILURE -> {
                    Matcher matcher = match(ERROR, body(data, 0), "failure");
                    yield new Failure(
                            data.u8(1), Integer.parseInt(matcher.group(1)), matcher.group(2).equals("1"),
                            Optional.ofNullable(matcher.group(3)).map(hex -> Bytes.hex(hex.toLowerCase(Locale.ROOT))));
                }
                default -> throw new MalformedEap("MSCHAPv2 code " + code + " of a server, expected a challenge, success or failure");
            };
        }

        private static Matcher match(Pattern pattern, ByteReader in, String what) {
            if (in.remaining() > 1024) {
                throw new MalformedEap("an MSCHAPv2 " + what + " of " + in.remaining() + " octets, expected at most 1024");
            }
            Matcher matcher = pattern.matcher(Texts.text(in.rest()));
            if (!matcher.matches()) {
                throw new MalformedEap("an MSCHAPv2 " + what + " that does not read like " + pattern.pattern());
            }
            return matcher;
        }

        private static int code(Bytes data) {
            if (data.isEmpty()) {
                throw new MalformedEap("an MSCHAPv2 message without a code");
            }
            return data.u8(0);
        }

        /** Behind the header, at least {@code min} octets. */
        private static ByteReader body(Bytes data, int min) {
            if (data.length() < HEADER_OCTETS + min || data.u16(2) != data.length()) {
                throw new MalformedEap("an MSCHAPv2 message of " + data.length() + " octets that calls itself as long as "
                        + (data.length() < HEADER_OCTETS ? "nothing" : Integer.toString(data.u16(2))) + ", expected at least " + (HEADER_OCTETS + min));
            }
            return data.from(HEADER_OCTETS).reader();
        }

        private static String name(ByteReader in) {
            if (in.remaining() > LONGEST_NAME) {
                throw new MalformedEap("an MSCHAPv2 name of " + in.remaining() + " octets, expected at most " + LONGEST_NAME);
            }
            return Texts.text(in.rest());
        }
    }
}
