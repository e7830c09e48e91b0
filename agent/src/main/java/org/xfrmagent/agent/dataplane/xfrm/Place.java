package org.xfrmagent.agent.dataplane.xfrm;

import java.util.Optional;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * Where a policy belongs in the kernel's SPD. The kernel knows network interfaces by an index, which is another one when an interface
 * comes again; a place keeps its name.
 *
 * @param id without an interface
 * @param device the interface's name; empty for whatever interface
 */
record Place(XfrmPolicy.Id id, Optional<String> device) {
    /** As the kernel has it while its interface has this index. */
    XfrmPolicy.Id at(int index) {
        return of(id, index);
    }

    static XfrmPolicy.Id of(XfrmPolicy.Id id, int index) {
        return new XfrmPolicy.Id(id.selector().withInterface(index), id.direction(), id.mark(), id.interfaceId(), id.type());
    }
}
