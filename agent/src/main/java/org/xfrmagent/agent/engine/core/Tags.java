package org.xfrmagent.agent.engine.core;

import java.util.OptionalInt;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;

/**
 * By what the packets of a child are told beside their addresses. What is to be unique comes from the serial of the first child of a line:
 * its successors keep it, since others have been told of it.
 *
 * @param reqid of a child of something narrower than its policy, once it is installed; empty: that of its policy
 */
public record Tags(Marks.Numbers marks, InterfaceIds.Numbers interfaces, OptionalInt reqid) {
    /** With the reqid of the policy. */
    public Tags(Marks.Numbers marks, InterfaceIds.Numbers interfaces) {
        this(marks, interfaces, OptionalInt.empty());
    }

    /** Of a child that is about to be. */
    public static Tags of(Session session, Protect protect, int serial, OptionalInt replaces) {
        return replaces.stream().boxed().flatMap(old -> session.child(old).stream())
                .map(old -> new Tags(old.tags().marks, old.tags().interfaces))
                .findFirst()
                .orElseGet(() -> of(protect, serial));
    }

    /** Of a policy that wants nothing unique: before there is a child. */
    public static Tags of(Protect protect) {
        return of(protect, 0);
    }

    /** @param serial of a child that succeeds no other */
    static Tags of(Protect protect, int serial) {
        return new Tags(protect.marks().of(serial), protect.interfaceIds().of(serial));
    }

    Tags withReqid(int other) {
        return new Tags(marks, interfaces, OptionalInt.of(other));
    }
}
