package org.xfrmagent.netlink.xfrm;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One entry of the kernel's SPD.
 *
 * @param id what it is looked up by: the kernel holds one policy for each
 * @param action what happens to a packet that matches
 * @param priority lower wins
 * @param index the kernel's number for it; 0 lets the kernel choose
 * @param flags {@link #LOCAL_OK}, {@link #ICMP}
 * @param share XFRM_SHARE_*; 0 is any
 * @param lifetime when it expires
 * @param counters what the kernel counted; ignored when installing
 * @param templates the associations needed; none with {@link Action#ALLOW} is a bypass
 * @param offload the device that has the policy as well
 */
public record XfrmPolicy(
        Id id,
        Action action,
        int priority,
        int index,
        int flags,
        int share,
        XfrmLifetime lifetime,
        XfrmCounters counters,
        List<XfrmTemplate> templates,
        Optional<XfrmOffload> offload) {

    /** A socket may have a policy of its own in spite of this one. */
    public static final int LOCAL_OK = 1;
    /** ICMP errors about matching packets match too. */
    public static final int ICMP = 2;

    /** XFRM_POLICY_ALLOW and XFRM_POLICY_BLOCK. */
    public enum Action implements Numbered {
        ALLOW(0),
        BLOCK(1);

        private final int number;

        Action(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /** XFRM_POLICY_TYPE_MAIN and XFRM_POLICY_TYPE_SUB. */
    public enum Type implements Numbered {
        MAIN(0),
        SUB(1);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * @param selector which packets
     * @param direction in which direction
     * @param mark packets with this mark only
     * @param interfaceId the id of an xfrm interface; 0 is none
     * @param type MAIN unless the kernel uses sub-policies
     */
    public record Id(XfrmSelector selector, XfrmDirection direction, Optional<XfrmMark> mark, int interfaceId, Type type) {
        public static Id of(XfrmSelector selector, XfrmDirection direction) {
            return new Id(selector, direction, Optional.empty(), 0, Type.MAIN);
        }

        @Override
        public String toString() {
            return "policy " + direction.name().toLowerCase(Locale.ROOT) + " " + selector
                    + mark.map(value -> " mark " + value).orElse("") + (interfaceId == 0 ? "" : " if_id " + interfaceId)
                    + (type == Type.MAIN ? "" : " type " + type);
        }
    }

    public XfrmPolicy {
        templates = List.copyOf(templates);
    }

    /** By the kernel alone. */
    public XfrmPolicy(
            Id id, Action action, int priority, int index, int flags, int share, XfrmLifetime lifetime, XfrmCounters counters,
            List<XfrmTemplate> templates) {
        this(id, action, priority, index, flags, share, lifetime, counters, templates, Optional.empty());
    }

    /** The same with a device that has it as well. */
    public XfrmPolicy on(XfrmOffload device) {
        return new XfrmPolicy(id, action, priority, index, flags, share, lifetime, counters, templates, Optional.of(device));
    }

    public static XfrmPolicy of(Id id, Action action, int priority, List<XfrmTemplate> templates) {
        return new XfrmPolicy(id, action, priority, 0, 0, 0, XfrmLifetime.NONE, XfrmCounters.NONE, templates);
    }

    public static XfrmPolicy protect(XfrmSelector selector, XfrmDirection direction, int priority, XfrmTemplate... templates) {
        return of(Id.of(selector, direction), Action.ALLOW, priority, List.of(templates));
    }

    public static XfrmPolicy bypass(XfrmSelector selector, XfrmDirection direction, int priority) {
        return of(Id.of(selector, direction), Action.ALLOW, priority, List.of());
    }

    public static XfrmPolicy block(XfrmSelector selector, XfrmDirection direction, int priority) {
        return of(Id.of(selector, direction), Action.BLOCK, priority, List.of());
    }
}
