package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.device.ptx.count.AnnotatedListing;
import org.mirror4j.device.ptx.count.Counter;
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
          + " wavefronts of shared memory and bank conflicts, divergent branches."
    })
final class KernelsListingCommand implements Runnable {
  @Mixin private ProfiledLaunch launch;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    KernelProfile profile = launch.profile();
    String entry = profile.launch().entry();
    String text = launch.library().get(entry).text();
    ObjectNode fields =
        JsonFiles.object()
            .put("entry", entry)
            .put("storage", profile.launch().storage().label())
            .put("shape", profile.sizes().toString());
    ArrayNode lines = fields.putArray("lines");
    profile
        .launch()
        .counts()
        .lines()
        .forEach(
            (number, values) -> {
              ObjectNode line = lines.addObject().put("line", number);
              for (Counter counter : Counter.values()) {
                if (values.get(counter) != 0) {
                  line.put(counter.label(), values.get(counter));
                }
              }
            });
    output
        .console()
        .result(
            "listing",
            fields,
            String.join(
                System.lineSeparator(), AnnotatedListing.of(text, profile.launch().counts())));
  }
}
