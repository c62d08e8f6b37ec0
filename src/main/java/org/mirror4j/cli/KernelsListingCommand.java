package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.count.AnnotatedListing;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterValues;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.device.ptx.count.ListingDifference;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.research.KernelProfile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kernels listing}: a kernel's text with what each line costs. */
@Command(
    name = "listing",
    sortOptions = false,
    customSynopsis = "mirror4j kernels listing ENTRY [OPTION...]",
    description = {
      "Shows a kernel's text, each line with what it cost in one launch: warp instructions, their"
          + " average of active lanes, sectors of global memory and those in excess of the ideal,"
          + " wavefronts of shared memory and bank conflicts, divergent branches.",
      "Of a kernel of --kernels that takes the place of one of this build it shows as well the"
          + " lines of both whose counts differ, and the profiles of both side by side.",
      "Says whether the operation's results are those of the processor; exit code 1 if they are"
          + " not."
    })
final class KernelsListingCommand implements Callable<Integer> {
  @Mixin private ProfiledLaunch launch;
  @Mixin private CardOptions cards;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() {
    List<Gpu> gpus = cards.gpus();
    launch.remark(output.console());
    KernelProfile profile = launch.profile();
    Optional<KernelProfile> original = launch.original();
    String entry = profile.launch().entry();
    String text = launch.library().get(entry).text();
    List<String> shown = new ArrayList<>(AnnotatedListing.of(text, profile.launch().counts()));
    ObjectNode fields =
        JsonFiles.object()
            .put("entry", entry)
            .put("storage", profile.launch().storage().label())
            .put("shape", profile.sizes().toString())
            .put("right", profile.wrong().isEmpty());
    profile.wrong().ifPresent(wrong -> fields.put("wrong", wrong));
    ArrayNode lines = fields.putArray("lines");
    profile
        .launch()
        .counts()
        .lines()
        .forEach((number, values) -> put(lines.addObject().put("line", number), values));
    shown.add("");
    if (original.isPresent()) {
      List<ListingDifference.Line> different =
          ListingDifference.of(
              KernelLibrary.bundled().get(entry).text(),
              original.get().launch().counts(),
              text,
              profile.launch().counts());
      shown.add(
          different.isEmpty()
              ? "the counts of no line differ"
              : "lines whose counts differ, - of this build, + of the variant:");
      different.forEach(line -> shown.add(line.toString()));
      shown.add("");
      shown.add(ProfileText.of(profile, original, gpus));
      put(fields.putArray("different"), different);
    } else {
      shown.add(ProfileText.right(profile.wrong()));
    }
    output.console().result("listing", fields, String.join(System.lineSeparator(), shown));
    return profile.wrong().isPresent() ? 1 : 0;
  }

  private static void put(ArrayNode array, List<ListingDifference.Line> different) {
    for (ListingDifference.Line line : different) {
      ObjectNode node =
          array
              .addObject()
              .put("of", line.ofVariant() ? "variant" : "original")
              .put("line", line.number())
              .put("source", line.source());
      put(node, line.counts());
    }
  }

  private static void put(ObjectNode line, CounterValues values) {
    for (Counter counter : Counter.values()) {
      if (values.get(counter) != 0) {
        line.put(counter.label(), values.get(counter));
      }
    }
  }
}
