package org.xfrmagent.agent.engine.core;

import java.util.OptionalInt;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;

/**
 * By what the packets of a child are told beside their addresses. What is to be unique comes from the serial of the first child of a line:
 * its successors keep it, since others have been told of it.
 */
public record Tags(Marks.Numbers marks, InterfaceIds.Numbers interfaces) {
    /** Of a child that is about to be. */
    public static Tags of(Session session, Protect protect, int serial, OptionalInt replaces) {
        return replaces.stream().boxed().flatMap(old -> session.child(old).stream()).map(ChildSa::tags).findFirst()
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
}
