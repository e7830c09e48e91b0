package org.xfrmagent.policies.yaml;

import java.util.Optional;
import org.xfrmagent.policies.grammar.Key;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.grammar.SpdGrammar;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.InterfaceIds.InterfaceId;
import org.xfrmagent.policies.model.MarkChoice;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.XfrmInterface;

/** By what packets of a protect policy are told beside their addresses: marks and XFRM interfaces. */
final class MarkReader {
    private final Section section;

    /** @param section of the policy */
    MarkReader(Section section) {
        this.section = section;
    }

    Optional<XfrmInterface> ownInterface() {
        return section.get(SpdGrammar.INTERFACE).flatMap(own -> own.get(SpdGrammar.OWN_ID).map(id -> new XfrmInterface(
                id,
                own.get(SpdGrammar.OWN_NAME).orElse(XfrmInterface.name(id)),
                own.get(SpdGrammar.OWN_MTU).orElse(0),
                own.get(SpdGrammar.OWN_DEVICE))));
    }

    InterfaceIds interfaceIds() {
        if (section.has(SpdGrammar.INTERFACE) && section.has(SpdGrammar.INTERFACE_ID)) {
            section.where(SpdGrammar.INTERFACE_ID).problem(section.at(SpdGrammar.INTERFACE_ID),
                    "stands beside 'interface', expected one of the two: 'interface' is made by the agent, 'interface-id' by others");
        }
        return ownInterface().map(own -> InterfaceIds.both(new InterfaceId.Fixed(own.id())))
                .or(() -> section.get(SpdGrammar.INTERFACE_ID).map(MarkReader::interfaceIds))
                .orElse(InterfaceIds.NONE);
    }

    private static InterfaceIds interfaceIds(Section ids) {
        Optional<InterfaceId> both = ids.get(SpdGrammar.INTERFACE_ID_BOTH);
        Optional<InterfaceId> in = ids.get(SpdGrammar.INTERFACE_ID_IN);
        Optional<InterfaceId> out = ids.get(SpdGrammar.INTERFACE_ID_OUT);
        if (both.isPresent() && (in.isPresent() || out.isPresent())) {
            beside(ids, in.isPresent() ? SpdGrammar.INTERFACE_ID_IN : SpdGrammar.INTERFACE_ID_OUT, "an id for each direction");
        }
        return new InterfaceIds(in.or(() -> both), out.or(() -> both));
    }

    Marks marks() {
        return section.get(SpdGrammar.MARK).map(MarkReader::marks).orElse(Marks.NONE);
    }

    private static Marks marks(Section mark) {
        Optional<MarkChoice> both = mark.get(SpdGrammar.MARK_BOTH);
        Optional<MarkChoice> in = mark.get(SpdGrammar.MARK_IN);
        Optional<MarkChoice> out = mark.get(SpdGrammar.MARK_OUT);
        if (both.isPresent() && (in.isPresent() || out.isPresent())) {
            beside(mark, in.isPresent() ? SpdGrammar.MARK_IN : SpdGrammar.MARK_OUT, "a mark for each direction");
        }
        Optional<MarkChoice> matched = in.or(() -> both);
        same(mark, SpdGrammar.MARK_SET_IN, matched);
        same(mark, SpdGrammar.MARK_SET_OUT, out.or(() -> both));
        boolean before = mark.get(SpdGrammar.MARK_IN_ON_SA).orElse(false);
        if (before && matched.isEmpty()) {
            mark.where(SpdGrammar.MARK_IN_ON_SA).problem(mark.at(SpdGrammar.MARK_IN_ON_SA), "is about the mark 'in', and there is none");
        }
        return new Marks(matched, out.or(() -> both), mark.get(SpdGrammar.MARK_SET_IN).or(() -> matched), mark.get(SpdGrammar.MARK_SET_OUT), before);
    }

    private static void beside(Section section, Key<?> one, String expected) {
        section.where(one).problem(section.at(one), "stands beside 'both', expected 'both' or " + expected);
    }

    private static void same(Section mark, Key<MarkChoice> key, Optional<MarkChoice> matched) {
        if (matched.isEmpty() && mark.get(key).filter(MarkChoice.Same.class::isInstance).isPresent()) {
            mark.where(key).problem(mark.at(key), "is 'same', and there is no mark by which the packets are told");
        }
    }
}
