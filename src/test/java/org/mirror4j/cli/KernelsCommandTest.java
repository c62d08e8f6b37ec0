package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.count.Gpu;
import org.mirror4j.file.JsonRecords;

class KernelsCommandTest {
  private static final int ELEMENTS = 1000;

  @Test
  void listHasEveryKernelWithItsContract() {
    CommandRun run = CommandRun.done("kernels", "list", "--json");
    assertThat(run.events("kernel")).hasSameSizeAs(KernelLibrary.bundled().all());
    assertThat(run.events("kernel"))
        .allSatisfy(
            kernel -> {
              assertThat(kernel.path("formula").asText()).isNotEmpty();
              assertThat(kernel.path("launch").asText()).startsWith("grid ");
              assertThat(kernel.path("traffic").asText()).isNotEmpty();
            });
    JsonNode scatter =
        run.events("operation").stream()
            .filter(o -> o.path("operation").asText().equals("scatterRows"))
            .findFirst()
            .orElseThrow();
    assertThat(scatter.path("launches"))
        .extracting(JsonNode::asText)
        .containsExactly("fill", "scatter_rows");
    assertThat(CommandRun.done("kernels", "list").out())
        .contains("launch  grid ceil(n / 1024), block 256, shared 0")
        .containsPattern("scatterRows +fill, scatter_rows");
  }

  @Test
  void checkTellsRegistersAndRunsTheOperations() {
    CommandRun run = CommandRun.done("kernels", "check", "scale", "--json");
    JsonNode kernel = run.event("kernel");
    assertThat(kernel.path("findings")).isEmpty();
    assertThat(kernel.path("runs").asInt()).isPositive();
    assertThat(kernel.path("variants"))
        .extracting(v -> v.path("architecture").asText())
        .containsExactly("sm_75", "sm_80", "sm_90");
    assertThat(kernel.path("variants"))
        .allSatisfy(v -> assertThat(v.path("registers").asInt()).isBetween(4, 64));
  }

  /** A variant that adds where it should multiply. */
  @Test
  void checkFindsWhatIsWrongWithAVariantOfTheUsersOwn(@TempDir Path folder) throws IOException {
    String right = KernelLibrary.bundled().get("scale").text();
    String wrong = right.replace("mul.rn.f32", "add.rn.f32");
    assertThat(wrong).isNotEqualTo(right);
    Files.writeString(folder.resolve("scale.ptx"), wrong);
    CommandRun run = CommandRun.of("kernels", "check", "--kernels", folder, "scale");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("scale.ptx: scale f16 at elements=1").contains("x[0] is ");
    CommandRun assembled =
        CommandRun.of("kernels", "check", "--kernels", folder, "--assemble-only", "scale");
    assertThat(assembled.exit()).isZero();
  }

  /** Only what is in the folder; a header that cannot be read keeps no other kernel back. */
  @Test
  void checkOfAFolderGoesThroughItsKernelsAlone(@TempDir Path folder) throws IOException {
    KernelLibrary library = KernelLibrary.bundled();
    Files.writeString(folder.resolve("fill.ptx"), library.get("fill").text());
    String scale = library.get("scale").text();
    Files.writeString(folder.resolve("scale.ptx"), scale.replace("// launch    grid", "// grid"));
    CommandRun run = CommandRun.of("kernels", "check", "--kernels", folder, "--json");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.events("kernel"))
        .extracting(kernel -> kernel.path("entry").asText())
        .containsExactly("scale", "fill");
    assertThat(run.events("kernel").getFirst().path("findings"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.asText()).startsWith("scale.ptx:"));
    assertThat(run.events("kernel").getLast().path("findings")).isEmpty();
    assertThat(run.event("finished").path("findings").asInt()).isEqualTo(1);
    CommandRun text = CommandRun.of("kernels", "check", "--kernels", folder, "scale");
    assertThat(text.out().lines()).hasSize(3).first().isEqualTo("scale: WRONG");
  }

  /** x[i] *= factor: each byte read and written once, 4 sectors of 32 bytes a quarter warp. */
  @Test
  void profileCountsBytesOfALaunch() {
    JsonNode profile =
        CommandRun.done("kernels", "profile", "scale", "--shape", "elements=" + ELEMENTS, "--json")
            .event("profile");
    assertThat(profile.path("operation").asText()).isEqualTo("scale");
    assertThat(profile.path("right").asBoolean()).isTrue();
    assertThat(profile.path("minimumBytes").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("counters").path("bytesTouched").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("counters").path("bytesMoved").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("lowerBounds").path("RTX 2080 Ti").path("micros").asDouble())
        .isPositive();
  }

  /** A variant that adds where it should multiply is counted, and said to be wrong. */
  @Test
  void profileSaysThatAKernelIsWrong(@TempDir Path folder) throws IOException {
    String right = KernelLibrary.bundled().get("scale").text();
    Files.writeString(folder.resolve("scale.ptx"), right.replace("mul.rn.f32", "add.rn.f32"));
    Object[] arguments = {
      "kernels", "profile", "scale", "--kernels", folder, "--shape", "elements=" + ELEMENTS
    };
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out())
        .contains("results WRONG: x[0] is ", "results right: those of the processor")
        .containsPattern(" this build +variant +ratio\n")
        .containsPattern("bytes moved / minimum +1\\.000 +1\\.000 +1\\.000\n");
    CommandRun bundled =
        CommandRun.done("kernels", "profile", "scale", "--shape", "elements=" + ELEMENTS);
    assertThat(bundled.out())
        .contains("results right: those of the processor within rounding")
        .doesNotContain("variant");
  }

  /** One that stores twice what it stores is right, and costs an instruction a thread more. */
  @Test
  void profileComparesAVariantWithTheOriginal(@TempDir Path folder) throws IOException {
    String text = KernelLibrary.bundled().get("scale").text();
    String store =
        text.lines().filter(line -> line.contains("st.global")).findFirst().orElseThrow();
    Files.writeString(folder.resolve("scale.ptx"), text.replace(store, store + "\n" + store));
    JsonNode profile =
        CommandRun.done(
                "kernels",
                "profile",
                "scale",
                "--kernels",
                folder,
                "--shape",
                "elements=" + ELEMENTS,
                "--json")
            .event("profile");
    assertThat(profile.path("right").asBoolean()).isTrue();
    assertThat(profile.at("/original/right").asBoolean()).isTrue();
    assertThat(profile.at("/counters/warpInstructions").asLong())
        .isGreaterThan(profile.at("/original/counters/warpInstructions").asLong());
    assertThat(profile.at("/counters/bytesTouched"))
        .isEqualTo(profile.at("/original/counters/bytesTouched"));
  }

  /** Products of matrices, of which the bundled kernel has none: its column is 0, not another's. */
  @Test
  void profileComparesCountersThatOneHasAlone(@TempDir Path folder) throws IOException {
    String product =
        """
        {
            .reg .b32 %r_zero; .reg .f32 %f_zero;   mov.u32 %r_zero, 0;   mov.f32 %f_zero, 0f00000000;
            mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%f_zero, %f_zero, %f_zero, %f_zero}, {%r_zero, %r_zero}, {%r_zero}, {%f_zero, %f_zero, %f_zero, %f_zero};
        """;
    String text = KernelLibrary.bundled().get("scale").text();
    Files.writeString(folder.resolve("scale.ptx"), text.replaceFirst("(?m)^\\{\n", product));
    CommandRun run =
        CommandRun.done(
            "kernels", "profile", "scale", "--kernels", folder, "--shape", "elements=256");
    assertThat(run.out())
        .containsPattern("shuffleInstructions +0 +0 *\n")
        .containsPattern("tensorInstructions +0 +8 *\ntensorOperations +0 +16,384 *\n")
        .containsPattern("bytes touched / minimum +1\\.000 +1\\.000 +1\\.000\n");
  }

  /** What a header has in several lines is one. */
  @Test
  void listShowsAllOfALaunchAndOfItsTraffic() {
    CommandRun run = CommandRun.done("kernels", "list", "pool_forward", "embed_backward", "--json");
    assertThat(run.events("kernel"))
        .satisfiesExactly(
            embed ->
                assertThat(embed.path("launch").asText())
                    .isEqualTo(
                        "grid ceil(rows / 16), block 32 * ceil(columns / 128) * min(4, 24 /"
                            + " ceil(columns / 128)), shared 512 * ceil(columns / 128) * (3 *"
                            + " min(4, 24 / ceil(columns / 128)) - 2)"),
            pool ->
                assertThat(pool.path("traffic").asText())
                    .endsWith(" + 4 * (sequences + 1) + 4 * sequences * pooling * (2 - pooling)"));
  }

  @Test
  void listOfAKernelHasTheSizesOfItsOperations() {
    CommandRun run = CommandRun.done("kernels", "list", "scatter_rows", "--json");
    assertThat(run.event("kernel").path("entry").asText()).isEqualTo("scatter_rows");
    assertThat(run.event("kernel").path("buffers"))
        .extracting(JsonNode::asText)
        .contains("inout dx storage[all, columns]", "in rows i32[selected]");
    assertThat(run.event("kernel").path("scalars").get(0).asText()).isEqualTo("selected u32");
    JsonNode operation = run.events("operation").getFirst();
    assertThat(operation.path("operation").asText()).isEqualTo("scatterRows");
    assertThat(operation.path("sizes").size()).isPositive();
    String shape =
        CommandRun.done("kernels", "list", "scale")
            .out()
            .lines()
            .filter(line -> line.strip().startsWith("--shape "))
            .findFirst()
            .orElseThrow()
            .strip();
    assertThat(shape).startsWith("--shape elements=");
  }

  /** Of an entry without a variant in f32 the first that it has is counted. */
  @Test
  void theStorageIsTheFirstOfTheHeader() {
    JsonNode profile =
        CommandRun.done(
                "kernels",
                "profile",
                "attention_bias",
                "--shape",
                "tokens=65,sequences=1,heads=1,hidden=64",
                "--json")
            .event("profile");
    assertThat(profile.path("storage").asText()).isEqualTo("f16");
    assertThat(profile.path("right").asBoolean()).isTrue();
  }

  @Test
  void listingShowsTheCostOfLines() {
    String listing =
        CommandRun.done("kernels", "listing", "scale", "--shape", "elements=" + ELEMENTS).out();
    assertThat(listing).contains("| // scale.ptx").contains("ld.global").contains("| total");
  }

  /** One that stores twice, and one that is wrong as well. */
  @Test
  void listingComparesAVariantWithTheOriginal(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("scale.ptx"), storingTwice("scale"));
    Object[] arguments = {
      "kernels", "listing", "scale", "--kernels", folder, "--shape", "elements=" + ELEMENTS
    };
    CommandRun right = CommandRun.done(arguments);
    assertThat(right.out())
        .contains("lines whose counts differ, - of this build, + of the variant:")
        .containsPattern("\n\\+ +80 .*st\\.global\\.row4")
        .doesNotContainPattern("\n- +\\d")
        .containsPattern("warpInstructions +320 +400 +1\\.250\n")
        .contains("the variant's: grid 1, block 256")
        .doesNotContain("WRONG");
    Files.writeString(file, storingTwice("scale").replace("mul.rn.f32", "add.rn.f32"));
    List<Object> json = new ArrayList<>(List.of(arguments));
    json.add("--json");
    CommandRun wrong = CommandRun.of(json.toArray());
    assertThat(wrong.exit()).isEqualTo(1);
    JsonNode listing = wrong.event("listing");
    assertThat(listing.path("right").asBoolean()).isFalse();
    assertThat(listing.path("wrong").asText()).startsWith("x[0] is ");
    assertThat(listing.path("different"))
        .extracting(line -> line.path("of").asText())
        .containsExactly("original", "original", "variant", "variant", "variant");
    Files.writeString(file, "// scale.ptx\n//   the same" + rest("scale"));
    assertThat(CommandRun.done(arguments).out()).contains("the counts of no line differ");
  }

  /** A kernel's text with its last store made twice. */
  static String storingTwice(String entry) {
    String text = KernelLibrary.bundled().get(entry).text();
    String store = text.lines().filter(line -> line.contains("st.global")).toList().getLast();
    return text.replace(store, store + "\n" + store);
  }

  /** All but the first two lines. */
  private static String rest(String entry) {
    String text = KernelLibrary.bundled().get(entry).text();
    return text.substring(text.indexOf('\n', text.indexOf('\n') + 1));
  }

  @Test
  void cardsAreNamedOrDescribed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("slow.json");
    String gpu =
        JsonRecords.write(Gpu.A100)
            .put("name", "half an A100")
            .put("bandwidthGigabytes", Gpu.A100.bandwidthGigabytes() / 2)
            .toString();
    Files.writeString(file, gpu);
    JsonNode bounds =
        CommandRun.done(
                "kernels",
                "profile",
                "scale",
                "--shape",
                "elements=" + ELEMENTS,
                "--gpu",
                "a100," + file,
                "--json")
            .event("profile")
            .path("lowerBounds");
    assertThat(bounds.size()).isEqualTo(2);
    assertThat(bounds.at("/half an A100/memory").asDouble())
        .isEqualTo(2 * bounds.at("/A100/memory").asDouble());
    Files.writeString(file, gpu.replace("f32Lanes", "f23Lanes"));
    for (Object[] arguments :
        new Object[][] {
          {"kernels", "epoch", "--recipe", "word", "--gpu", file},
          {"kernels", "profile", "scale", "--gpu", file},
          {"kernels", "listing", "scale", "--gpu", file}
        }) {
      CommandRun run = CommandRun.of(arguments);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains(file + ": unknown key 'f23Lanes'", "did you mean f32Lanes?");
    }
  }

  @Test
  void namesThatAreNotThereAreSaid() {
    CommandRun run = CommandRun.of("kernels", "check", "nothing");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("no kernel nothing").doesNotContain("did you mean");
    for (String command : List.of("check", "profile", "list", "listing")) {
      CommandRun close = CommandRun.of("kernels", command, "scatter_row");
      assertThat(close.exit()).isEqualTo(1);
      assertThat(close.err()).contains("no kernel scatter_row, ", "did you mean scatter_rows?");
    }
    CommandRun gpu = CommandRun.of("kernels", "epoch", "--recipe", "word", "--gpu", "rtx3080ti");
    assertThat(gpu.err()).contains("did you mean rtx2080ti?");
    CommandRun size = CommandRun.of("kernels", "profile", "scale", "--shape", "element=3");
    assertThat(size.err())
        .contains("no size is called element, there are [elements]; did you mean elements?");
    CommandRun shape = CommandRun.of("kernels", "profile", "scale", "--shape", "tokens=3");
    assertThat(shape.exit()).isEqualTo(1);
    assertThat(shape.err()).contains("no size is called tokens, there are [elements]");
    assertThat(CommandRun.of("kernels").exit()).isEqualTo(2);
  }
}
