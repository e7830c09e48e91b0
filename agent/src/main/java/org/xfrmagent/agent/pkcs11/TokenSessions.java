package org.xfrmagent.agent.pkcs11;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/** Our sessions with the tokens of one library, one for each slot. One thread's own. */
final class TokenSessions {
    private final Cryptoki cryptoki;
    private final Map<Long, Open> open = new HashMap<>();
    /** By slot: a wrong PIN that counts three times locks a card for good, so it is shown once. */
    private final Map<Long, Secret> wrong = new HashMap<>();

    /** @param keys handles of private keys, by CKA_ID */
    private record Open(long session, Map<Bytes, Long> keys) {}

    /** What is done with a session. */
    @FunctionalInterface
    private interface Work<T> {
        T with(Open session) throws TokenFailure;
    }

    TokenSessions(Cryptoki cryptoki) {
        this.cryptoki = cryptoki;
    }

    Cryptoki cryptoki() {
        return cryptoki;
    }

    /** The slots with tokens. Some libraries see no token but those that were there when they began. */
    List<Long> slots() throws TokenFailure {
        List<Long> found = cryptoki.slots();
        if (found.isEmpty() && open.isEmpty()) {
            cryptoki.restart();
            return cryptoki.slots();
        }
        return found;
    }

    /** The slots in which an object that everybody may see has this CKA_ID; without asking for a PIN. */
    List<Long> slotsWith(Bytes id) throws TokenFailure {
        List<Long> found = new ArrayList<>();
        for (long slot : cryptoki.slots()) {
            boolean has = again(slot, session -> cryptoki.find(session.session(), Cryptoki.PUBLIC_KEY, id).isPresent()
                    || cryptoki.find(session.session(), Cryptoki.CERTIFICATE, id).isPresent());
            if (has) {
                found.add(slot);
            }
        }
        return List.copyOf(found);
    }

    /** An attribute of a public object, or, with a PIN before, of any. */
    Optional<Bytes> attribute(long slot, long objectClass, Bytes id, long type) throws TokenFailure {
        return again(slot, session -> {
            Optional<Long> object = cryptoki.find(session.session(), objectClass, id);
            return object.isEmpty() ? Optional.empty() : cryptoki.attribute(session.session(), object.get(), type);
        });
    }

    /** Makes sure that the private key is there, which takes the PIN. */
    void unlock(long slot, Bytes id, Optional<Secret> pin) throws TokenFailure {
        again(slot, session -> {
            login(slot, session, pin);
            return key(session, id);
        });
    }

    /** @param always whether this key wants the PIN before every signature */
    Bytes sign(long slot, Bytes id, Optional<Secret> pin, boolean always, Mechanism mechanism, Bytes data) throws TokenFailure {
        return again(slot, session -> {
            login(slot, session, pin);
            cryptoki.signInit(session.session(), mechanism, key(session, id));
            if (always) {
                show(slot, session.session(), Cryptoki.CONTEXT_SPECIFIC, pin);
            }
            return cryptoki.sign(session.session(), data);
        });
    }

    /** What a new session, or the library begun anew, may cure is tried once more. */
    private <T> T again(long slot, Work<T> work) throws TokenFailure {
        boolean fresh = !open.containsKey(slot);
        try {
            return work.with(session(slot));
        } catch (TokenFailure failed) {
            switch (failed.value().cure()) {
                case NONE -> throw failed;
                case NEW_SESSION -> {
                    forget(slot);
                    if (fresh) {
                        throw failed;
                    }
                }
                case NEW_MODULE -> {
                    open.clear();
                    cryptoki.restart();
                }
            }
            return work.with(session(slot));
        }
    }

    private Open session(long slot) throws TokenFailure {
        Open known = open.get(slot);
        if (known != null) {
            return known;
        }
        Open opened = new Open(cryptoki.openSession(slot), new HashMap<>());
        open.put(slot, opened);
        return opened;
    }

    private void forget(long slot) {
        Open old = open.remove(slot);
        if (old != null) {
            try {
                cryptoki.closeSession(old.session());
            } catch (TokenFailure gone) {
                // It is closed already.
            }
        }
    }

    private long key(Open session, Bytes id) throws TokenFailure {
        Long known = session.keys().get(id);
        if (known != null) {
            return known;
        }
        long found = cryptoki.find(session.session(), Cryptoki.PRIVATE_KEY, id)
                .orElseThrow(() -> new TokenFailure(ReturnValue.OTHER, "has no private key with the handle " + id.toHex()));
        session.keys().put(id, found);
        return found;
    }

    private void login(long slot, Open session, Optional<Secret> pin) throws TokenFailure {
        if (session.keys().isEmpty() && (cryptoki.tokenFlags(slot) & Cryptoki.LOGIN_REQUIRED) != 0) {
            show(slot, session.session(), Cryptoki.USER, pin);
        }
    }

    private void show(long slot, long session, long user, Optional<Secret> pin) throws TokenFailure {
        long flags = cryptoki.tokenFlags(slot);
        boolean pad = (flags & Cryptoki.PROTECTED_AUTHENTICATION_PATH) != 0;
        if (pin.isEmpty() && !pad) {
            throw new TokenFailure(ReturnValue.OTHER, "wants a PIN, and there is none");
        }
        if (pin.isPresent() && pin.equals(Optional.ofNullable(wrong.get(slot)))) {
            throw new TokenFailure(ReturnValue.PIN_INCORRECT, "has said that this PIN is wrong, so it is not shown again");
        }
        if ((flags & Cryptoki.PIN_LOCKED) != 0) {
            throw new TokenFailure(ReturnValue.PIN_LOCKED, "is locked after too many wrong PINs");
        }
        if ((flags & Cryptoki.PIN_FINAL_TRY) != 0) {
            // Whoever has written a wrong PIN into a file, and has a service started again and again, is not to lose the card by that.
            throw new TokenFailure(ReturnValue.PIN_INCORRECT, "has one try left before it is locked, which is not for a program: log in by hand, for instance "
                    + "by pkcs11-tool --login --list-objects");
        }
        byte[] octets = pin.map(Secret::copy).orElseGet(() -> new byte[0]);
        try {
            cryptoki.login(session, user, pin.isPresent() ? Optional.of(octets) : Optional.empty());
        } catch (TokenFailure refused) {
            switch (refused.value()) {
                case USER_ALREADY_LOGGED_IN -> {}
                case PIN_INCORRECT -> {
                    pin.ifPresent(shown -> wrong.put(slot, Secret.take(shown.copy())));
                    throw new TokenFailure(ReturnValue.PIN_INCORRECT, refused.sentence()
                            + ((flags & (Cryptoki.PIN_FINAL_TRY | Cryptoki.PIN_COUNT_LOW)) != 0 ? "; few tries are left" : "") + "; it is not shown again");
                }
                default -> throw refused;
            }
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }
}
