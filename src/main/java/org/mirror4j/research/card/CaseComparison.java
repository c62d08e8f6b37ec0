package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.research.cases.CaseResult;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.research.cases.Sizes;
import org.mirror4j.tensor.DType;

/**
 * Every operation on the card against the CPU at awkward sizes: around multiples of vectors, warps
 * and blocks, none and one. Where {@link OperationComparison} finds what is wrong in a training
 * step, this finds what a training step does not meet.
 */
final class CaseComparison implements CardPart {
  @Override
  public String name() {
    return "cases";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    try (Device card = bench.device();
        Device cpu = new HostDevice(bench.threads())) {
      for (DType storage : card.storageTypes().stream().sorted().toList()) {
        ObjectNode rows = result.putObject(storage.label());
        for (OperationCase one : OperationCases.all()) {
          if (bench.late()) {
            return;
          }
          ObjectNode row = rows.putObject(one.operation());
          row.put("sizes", one.awkward().size());
          List<String> wrong = new ArrayList<>();
          for (Sizes sizes : one.awkward()) {
            compare(one, sizes, storage, card, cpu)
                .ifPresent(difference -> wrong.add(sizes + ": " + difference));
          }
          row.put("holds", wrong.isEmpty());
          if (!wrong.isEmpty()) {
            wrong.forEach(row.putArray("wrong")::add);
          }
        }
      }
    }
  }

  private static Optional<String> compare(
      OperationCase one, Sizes sizes, DType storage, Device card, Device cpu) {
    List<CaseResult> got = one.results(card, storage, storage, sizes);
    List<CaseResult> reference = one.results(cpu, DType.F32, storage, sizes);
    return CaseResult.difference(got, reference, storage);
  }
}
