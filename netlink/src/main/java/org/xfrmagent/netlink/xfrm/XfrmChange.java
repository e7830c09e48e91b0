package org.xfrmagent.netlink.xfrm;

import java.util.Optional;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.StructWriter;

/** One change of the kernel's SAD or SPD, as data: alone or in a batch. Its toString names it in errors. */
public sealed interface XfrmChange {
    /** Adds a state; EEXIST if there is one with its id. */
    record AddState(XfrmState state) implements XfrmChange {
        @Override
        public String toString() {
            return "add " + state;
        }
    }

    /** Changes a state, or fills in a larval one; ESRCH if there is none. */
    record UpdateState(XfrmState state) implements XfrmChange {
        @Override
        public String toString() {
            return "update " + state;
        }
    }

    /** Deletes a state; ESRCH if there is none. */
    record DeleteState(XfrmId id, Optional<XfrmMark> mark) implements XfrmChange {
        @Override
        public String toString() {
            return "delete state " + id;
        }
    }

    /** Adds a policy; EEXIST if there is one with its id. */
    record AddPolicy(XfrmPolicy policy) implements XfrmChange {
        @Override
        public String toString() {
            return "add " + policy.id();
        }
    }

    /** Adds a policy, or replaces the one with its id in one step: no packet finds neither. */
    record UpdatePolicy(XfrmPolicy policy) implements XfrmChange {
        @Override
        public String toString() {
            return "update " + policy.id();
        }
    }

    /** Deletes a policy; ENOENT if there is none. */
    record DeletePolicy(XfrmPolicy.Id id) implements XfrmChange {
        @Override
        public String toString() {
            return "delete " + id;
        }
    }

    /** The message for the kernel, encoded now: it holds a copy of the keys until it is sent. */
    default NetlinkRequest request() {
        return switch (this) {
            case AddState add -> new NetlinkRequest(XfrmNumbers.NEWSA, 0, StateCodec.encode(add.state), this);
            case UpdateState update -> new NetlinkRequest(XfrmNumbers.UPDSA, 0, StateCodec.encode(update.state), this);
            case DeleteState delete -> new NetlinkRequest(XfrmNumbers.DELSA, 0, stateId(delete.id, delete.mark), this);
            case AddPolicy add -> new NetlinkRequest(XfrmNumbers.NEWPOLICY, 0, PolicyCodec.encode(add.policy), this);
            case UpdatePolicy update -> new NetlinkRequest(XfrmNumbers.UPDPOLICY, 0, PolicyCodec.encode(update.policy), this);
            case DeletePolicy delete -> new NetlinkRequest(XfrmNumbers.DELPOLICY, 0, PolicyCodec.encodeId(delete.id), this);
        };
    }

    private static StructWriter stateId(XfrmId id, Optional<XfrmMark> mark) {
        StructWriter body = new StructWriter(64);
        XfrmCodec.stateId(body, id);
        XfrmCodec.mark(body, mark);
        return body;
    }
}
