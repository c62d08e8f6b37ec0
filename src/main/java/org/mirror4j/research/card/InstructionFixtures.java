package org.mirror4j.research.card;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.file.FileException;

/**
 * The bits that the card gives for each instruction that the interpreter knows, beside those of the
 * fixture: one instruction a file, its header holds the operands and the expected results.
 */
final class InstructionFixtures implements CardPart {
  @Override
  public String name() {
    return "fixtures";
  }

  @Override
  public void measure(CardBench bench, ObjectNode result) {
    List<Path> files;
    try (Stream<Path> all = Files.list(bench.fixtures())) {
      files = all.filter(f -> f.toString().endsWith(".ptx")).sorted().toList();
    } catch (IOException e) {
      throw FileException.of("cannot read the fixtures in " + bench.fixtures(), e);
    }
    int equal = 0;
    ObjectNode different = result.putObject("different");
    ObjectNode failed = result.putObject("failed");
    // A launch that fails takes the context with it, and the fixtures after it.
    Driver driver = bench.drivers().get();
    try {
      for (Path file : files) {
        try {
          Fixture fixture = Fixture.read(file);
          List<String> differences = fixture.differences(driver);
          if (differences.isEmpty()) {
            equal++;
          } else {
            differences.forEach(different.putArray(fixture.name())::add);
          }
        } catch (RuntimeException e) {
          failed.put(file.getFileName().toString(), e.toString());
          driver.close();
          driver = bench.drivers().get();
        }
      }
    } finally {
      driver.close();
    }
    result.put("files", files.size());
    result.put("equal", equal);
  }
}
