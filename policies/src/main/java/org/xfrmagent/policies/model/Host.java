package org.xfrmagent.policies.model;

import java.net.InetAddress;

/** Where IKE messages of a peer come from and go to. */
public sealed interface Host {
    /** One address. */
    record Address(InetAddress address) implements Host {
        @Override
        public String toString() {
            return Ip.text(address);
        }
    }

    /** Any address of a range: such a peer can only call us. */
    record Range(AddressRange range) implements Host {
        @Override
        public String toString() {
            return range.toString();
        }
    }

    /** A name to be looked up when it is needed. */
    record DnsName(String name) implements Host {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Any address: such a peer can only call us; locally, whichever address the routes choose. */
    record Any() implements Host {
        @Override
        public String toString() {
            return "%any";
        }
    }

    static Host any() {
        return new Any();
    }

    /** Whether {@code address} is one this host may have; a name's addresses are not known here, so it allows all. */
    default boolean allows(InetAddress address) {
        return switch (this) {
            case Address one -> one.address.equals(address);
            case Range many -> many.range.contains(address);
            case DnsName _, Any _ -> true;
        };
    }

    /** Whether a message can be sent there without having heard from it. */
    default boolean callable() {
        return switch (this) {
            case Address _, DnsName _ -> true;
            case Range _, Any _ -> false;
        };
    }
}
