package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.research.Agreement;
import org.mirror4j.research.OwnRun;

/** What a launch of a kernel of one's own gave, for people and for programs. */
final class OwnRunText {
  private OwnRunText() {}

  /**
   * All of it.
   *
   * @param gpus whose bounds are told
   */
  static String of(KernelContract contract, OwnRun.Request request, OwnRun run, List<Gpu> gpus) {
    List<String> text = new ArrayList<>();
    String storage = contract.storages().isEmpty() ? "" : ", storage " + request.storage().label();
    text.add(
        "%s%s: %s"
            .formatted(
                contract.entry(),
                storage,
                run.scalars().entrySet().stream()
                    .map(scalar -> scalar.getKey() + "=" + scalar.getValue())
                    .collect(Collectors.joining(", "))));
    if (run.launch().isPresent()) {
      text.add(
          "grid %d, block %d, shared %d bytes"
              .formatted(
                  run.launch().get().grid(),
                  run.launch().get().block(),
                  run.launch().get().sharedBytes()));
    } else {
      text.add(
          run.findings().isEmpty()
              ? "the grid is empty: nothing was launched"
              : "the launch has not come to its end");
    }
    text.add(
        run.findings().isEmpty()
            ? run.warnings().isEmpty() ? "checks: nothing found" : "checks: nothing wrong"
            : "checks: WRONG, so that no results are looked at");
    run.findings().forEach(finding -> text.add("  " + Failures.oneLine(finding)));
    run.warnings().forEach(warning -> text.add("  warning: " + Failures.oneLine(warning)));
    run.agreements().forEach(one -> text.add(line(one)));
    run.launch()
        .ifPresent(
            launch -> {
              text.add("");
              text.addAll(LaunchCosts.of(launch, gpus));
            });
    return String.join(System.lineSeparator(), text) + System.lineSeparator();
  }

  private static String line(Agreement one) {
    if (one.elements() == 0) {
      return one.name() + ": right, it has no elements";
    }
    String absolute =
        String.format(
            Locale.ROOT,
            "largest difference %.3g at %s (found %s, expected %s), allowed %.3g",
            one.absolute().distance(),
            one.absolute().index(),
            shown(one.absolute().found()),
            shown(one.absolute().expected()),
            one.allowed());
    String relative =
        one.relative() == null
            ? ""
            : String.format(
                Locale.ROOT,
                "; relative %.3g at %s",
                one.relative().distance(),
                one.relative().index());
    return one.holds()
        ? "%s: right; %s%s".formatted(one.name(), absolute, relative)
        : "%s: WRONG in %d of %d elements; %s%s"
            .formatted(one.name(), one.differing(), one.elements(), absolute, relative);
  }

  private static String shown(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    // As many digits as tell it from its neighbours of the same type.
    return value == (float) value ? Float.toString((float) value) : Double.toString(value);
  }

  /** One comparison for programs; numbers that JSON does not have are texts. */
  static ObjectNode json(Agreement one) {
    ObjectNode fields =
        JsonFiles.object()
            .put("name", one.name())
            .put("elements", one.elements())
            .put("differing", one.differing())
            .put("allowed", one.allowed())
            .put("right", one.holds());
    put(fields, "absolute", one.absolute());
    put(fields, "relative", one.relative());
    return fields;
  }

  private static void put(ObjectNode fields, String key, Agreement.Element element) {
    if (element == null) {
      return;
    }
    ObjectNode node = fields.putObject(key);
    put(node, "difference", element.distance());
    put(node, "found", element.found());
    put(node, "expected", element.expected());
    element.index().forEach(node.putArray("index")::add);
  }

  private static void put(ObjectNode node, String key, double value) {
    if (Double.isFinite(value)) {
      node.put(key, value);
    } else {
      node.put(key, Double.toString(value));
    }
  }
}
