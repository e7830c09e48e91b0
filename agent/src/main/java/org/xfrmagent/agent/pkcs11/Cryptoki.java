package org.xfrmagent.agent.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The calls of a vendor's library that we need (PKCS #11 v2.40 base specification, section 5), as C has them on 64-bit Linux: CK_ULONG has
 * eight octets. Java's own provider reaches a key only beside its certificate in the same token; ours often is in a file.
 *
 * <p>Every call may wait for the token, and holds its thread meanwhile.
 */
final class Cryptoki {
    /** The order of CK_FUNCTION_LIST, behind a version of eight octets with its padding; the first function has number 1. */
    private enum Function {
        INITIALIZE(1, ADDRESS),
        FINALIZE(2, ADDRESS),
        GET_SLOT_LIST(5, JAVA_BYTE, ADDRESS, ADDRESS),
        GET_TOKEN_INFO(7, JAVA_LONG, ADDRESS),
        GET_MECHANISM_INFO(9, JAVA_LONG, JAVA_LONG, ADDRESS),
        OPEN_SESSION(13, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS),
        CLOSE_SESSION(14, JAVA_LONG),
        LOGIN(19, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
        GET_ATTRIBUTE_VALUE(25, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
        FIND_OBJECTS_INIT(27, JAVA_LONG, ADDRESS, JAVA_LONG),
        FIND_OBJECTS(28, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS),
        FIND_OBJECTS_FINAL(29, JAVA_LONG),
        SIGN_INIT(43, JAVA_LONG, ADDRESS, JAVA_LONG),
        SIGN(44, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);

        private final int number;
        @SuppressWarnings("ImmutableEnumChecker") // It is, and does not say so.
        private final FunctionDescriptor form;

        Function(int number, MemoryLayout... arguments) {
            this.number = number;
            this.form = FunctionDescriptor.of(JAVA_LONG, arguments);
        }

        long offset() {
            return 8L * number;
        }
    }

    // CK_USER_TYPE
    static final long USER = 1;
    static final long CONTEXT_SPECIFIC = 2;

    // CK_OBJECT_CLASS
    static final long CERTIFICATE = 1;
    static final long PUBLIC_KEY = 2;
    static final long PRIVATE_KEY = 3;

    // CK_ATTRIBUTE_TYPE
    static final long CLASS = 0x0;
    static final long VALUE = 0x11;
    static final long KEY_TYPE = 0x100;
    static final long ID = 0x102;
    static final long MODULUS = 0x120;
    static final long PUBLIC_EXPONENT = 0x122;
    static final long EC_PARAMS = 0x180;
    static final long EC_POINT = 0x181;
    static final long ALWAYS_AUTHENTICATE = 0x202;

    // CK_TOKEN_INFO.flags
    static final long LOGIN_REQUIRED = 0x4;
    static final long PROTECTED_AUTHENTICATION_PATH = 0x100;
    static final long TOKEN_INITIALIZED = 0x400;
    static final long PIN_COUNT_LOW = 0x1_0000;
    static final long PIN_FINAL_TRY = 0x2_0000;
    static final long PIN_LOCKED = 0x4_0000;

    private static final long OS_LOCKING_OK = 0x2;
    private static final long SERIAL_SESSION = 0x4;
    private static final int TOKEN_INFO_OCTETS = 208;
    private static final int FLAGS_OFFSET = 96;
    private static final int MOST_SLOTS = 256;
    private static final int LONGEST_ATTRIBUTE = 64 << 10;
    private static final int LONGEST_SIGNATURE = 2048;

    private final Map<Function, MethodHandle> functions;

    private Cryptoki(Map<Function, MethodHandle> functions) {
        this.functions = functions;
    }

    /**
     * @throws IOException with the rest of a sentence that begins with the library, if it is none
     * @throws TokenFailure if it does not begin
     */
    @SuppressWarnings("restricted") // To call what a vendor has written in C is what this class is for.
    static Cryptoki load(Path library) throws IOException, TokenFailure {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment symbol = SymbolLookup.libraryLookup(library, Arena.global()).find("C_GetFunctionList")
                    .orElseThrow(() -> new IOException("is no module of PKCS #11: it has no C_GetFunctionList"));
            MemorySegment found = arena.allocate(ADDRESS);
            check(invoke(linker.downcallHandle(symbol, FunctionDescriptor.of(JAVA_LONG, ADDRESS)), found));
            MemorySegment list = found.get(ADDRESS, 0).reinterpret(Function.SIGN.offset() + 8);
            EnumMap<Function, MethodHandle> functions = new EnumMap<>(Function.class);
            for (Function function : Function.values()) {
                functions.put(function, linker.downcallHandle(list.get(ADDRESS, function.offset()), function.form));
            }
            Cryptoki cryptoki = new Cryptoki(functions);
            cryptoki.initialize();
            return cryptoki;
        } catch (IllegalArgumentException unloadable) {
            throw new IOException("cannot be loaded", unloadable);
        }
    }

    /** Begins anew: all sessions end. */
    void restart() throws TokenFailure {
        try {
            call(Function.FINALIZE, MemorySegment.NULL);
        } catch (TokenFailure ended) {
            if (ended.value() != ReturnValue.CRYPTOKI_NOT_INITIALIZED) {
                throw ended;
            }
        }
        initialize();
    }

    private void initialize() throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            // CK_C_INITIALIZE_ARGS: four callbacks for locks, flags, and what is reserved.
            MemorySegment arguments = arena.allocate(48, 8);
            arguments.set(JAVA_LONG, 32, OS_LOCKING_OK);
            call(Function.INITIALIZE, arguments);
        } catch (TokenFailure refused) {
            if (refused.value() != ReturnValue.CRYPTOKI_ALREADY_INITIALIZED) {
                throw refused;
            }
        }
    }

    /** Those that have a token in them, ready for use. */
    List<Long> slots() throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(JAVA_LONG, MOST_SLOTS);
            MemorySegment count = arena.allocateFrom(JAVA_LONG, MOST_SLOTS);
            // Some modules look for new tokens only when they are asked how many there are.
            call(Function.GET_SLOT_LIST, (byte) 1, MemorySegment.NULL, count);
            count.set(JAVA_LONG, 0, MOST_SLOTS);
            call(Function.GET_SLOT_LIST, (byte) 1, list, count);
            List<Long> slots = new ArrayList<>();
            for (long i = 0; i < Math.min(MOST_SLOTS, count.get(JAVA_LONG, 0)); i++) {
                long slot = list.getAtIndex(JAVA_LONG, i);
                if (isReady(slot)) {
                    slots.add(slot);
                }
            }
            return List.copyOf(slots);
        }
    }

    /** One card that cannot be read must not hide the others. */
    private boolean isReady(long slot) {
        try {
            return (tokenFlags(slot) & TOKEN_INITIALIZED) != 0;
        } catch (TokenFailure unreadable) {
            return false;
        }
    }

    long tokenFlags(long slot) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(TOKEN_INFO_OCTETS, 8);
            call(Function.GET_TOKEN_INFO, slot, info);
            return info.get(JAVA_LONG, FLAGS_OFFSET);
        }
    }

    boolean hasMechanism(long slot, long mechanism) {
        try (Arena arena = Arena.ofConfined()) {
            // CK_MECHANISM_INFO: the least and the greatest size of a key, and flags.
            call(Function.GET_MECHANISM_INFO, slot, mechanism, arena.allocate(24, 8));
            return true;
        } catch (TokenFailure lacks) {
            return false;
        }
    }

    long openSession(long slot) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment session = arena.allocate(JAVA_LONG);
            call(Function.OPEN_SESSION, slot, SERIAL_SESSION, MemorySegment.NULL, MemorySegment.NULL, session);
            return session.get(JAVA_LONG, 0);
        }
    }

    void closeSession(long session) throws TokenFailure {
        call(Function.CLOSE_SESSION, session);
    }

    /** @param pin stays the caller's; empty: the reader asks for it itself */
    void login(long session, long user, Optional<byte[]> pin) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            if (pin.isEmpty()) {
                call(Function.LOGIN, session, user, MemorySegment.NULL, 0L);
                return;
            }
            MemorySegment copy = arena.allocateFrom(JAVA_BYTE, pin.get());
            try {
                call(Function.LOGIN, session, user, copy, (long) pin.get().length);
            } finally {
                copy.fill((byte) 0);
            }
        }
    }

    /** The first object of this class with this CKA_ID. */
    Optional<Long> find(long session, long objectClass, Bytes id) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment template = arena.allocate(48, 8);
            attribute(template, 0, CLASS, arena.allocateFrom(JAVA_LONG, objectClass));
            attribute(template, 24, ID, arena.allocateFrom(JAVA_BYTE, id.toArray()));
            call(Function.FIND_OBJECTS_INIT, session, template, 2L);
            try {
                MemorySegment found = arena.allocate(JAVA_LONG);
                MemorySegment count = arena.allocate(JAVA_LONG);
                call(Function.FIND_OBJECTS, session, found, 1L, count);
                return count.get(JAVA_LONG, 0) == 0 ? Optional.empty() : Optional.of(found.get(JAVA_LONG, 0));
            } finally {
                call(Function.FIND_OBJECTS_FINAL, session);
            }
        }
    }

    /** Empty if the object does not have it. */
    Optional<Bytes> attribute(long session, long object, long type) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment template = arena.allocate(24, 8);
            template.set(JAVA_LONG, 0, type);
            call(Function.GET_ATTRIBUTE_VALUE, session, object, template, 1L);
            long length = template.get(JAVA_LONG, 16);
            if (length <= 0 || length > LONGEST_ATTRIBUTE) {
                return Optional.empty();
            }
            MemorySegment value = arena.allocate(length, 8);
            attribute(template, 0, type, value);
            call(Function.GET_ATTRIBUTE_VALUE, session, object, template, 1L);
            return Optional.of(Bytes.wrap(value.asSlice(0, template.get(JAVA_LONG, 16)).toArray(JAVA_BYTE)));
        } catch (TokenFailure refused) {
            if (refused.value() == ReturnValue.ATTRIBUTE_TYPE_INVALID || refused.value() == ReturnValue.ATTRIBUTE_SENSITIVE) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    private static void attribute(MemorySegment template, long offset, long type, MemorySegment value) {
        template.set(JAVA_LONG, offset, type);
        template.set(ADDRESS, offset + 8, value);
        template.set(JAVA_LONG, offset + 16, value.byteSize());
    }

    void signInit(long session, Mechanism mechanism, long key) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment structure = arena.allocate(24, 8);
            structure.set(JAVA_LONG, 0, mechanism.number());
            if (!mechanism.parameters().isEmpty()) {
                MemorySegment parameters = arena.allocate(8L * mechanism.parameters().size(), 8);
                for (int i = 0; i < mechanism.parameters().size(); i++) {
                    parameters.setAtIndex(JAVA_LONG, i, mechanism.parameters().get(i));
                }
                structure.set(ADDRESS, 8, parameters);
                structure.set(JAVA_LONG, 16, parameters.byteSize());
            }
            call(Function.SIGN_INIT, session, structure, key);
        }
    }

    Bytes sign(long session, Bytes data) throws TokenFailure {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment signature = arena.allocate(LONGEST_SIGNATURE);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, LONGEST_SIGNATURE);
            call(Function.SIGN, session, arena.allocateFrom(JAVA_BYTE, data.toArray()), (long) data.length(), signature, length);
            return Bytes.wrap(signature.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE));
        }
    }

    private void call(Function function, Object... arguments) throws TokenFailure {
        check(invoke(Objects.requireNonNull(functions.get(function)), arguments));
    }

    private static void check(long returned) throws TokenFailure {
        if (returned != 0) {
            throw TokenFailure.of(returned);
        }
    }

    private static long invoke(MethodHandle function, Object... arguments) {
        try {
            return (long) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error bug) {
            throw bug;
        } catch (Throwable impossible) {
            throw new IllegalStateException("a call of C threw", impossible);
        }
    }
}
