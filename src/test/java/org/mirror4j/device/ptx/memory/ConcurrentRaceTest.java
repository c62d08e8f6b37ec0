package org.mirror4j.device.ptx.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;

/** CTAs that meet at the same moment on two threads are found as surely as one after the other. */
class ConcurrentRaceTest {
  private static final int WORDS = 5000;

  /**
   * Both go through the words in step as far as the machine lets them. Every word is a line of
   * reports of its own, so each of the meetings must be found.
   */
  @ParameterizedTest
  @CsvSource({"load, store, 1", "store, store, 1", "atomic, store, 1", "load, load, 0"})
  void everyMeetingIsFound(String one, String other, int expected) throws Exception {
    Findings findings = new Findings();
    try (GlobalMemory memory = new GlobalMemory(CheckLevel.ALL, findings);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Slice x = memory.allocate("x", 4L * WORDS);
      memory.fill(x.address(), x.bytes(), (byte) 0);
      LaunchMemory launch = memory.beginLaunch(List.of(new Binding("x", x)), 2, 4, 2);
      CountDownLatch ready = new CountDownLatch(2);
      Future<?> first =
          threads.submit(() -> run(launch.access(LaneRegisters.NONE), 0, one, x, ready));
      Future<?> second =
          threads.submit(() -> run(launch.access(LaneRegisters.NONE), 1, other, x, ready));
      first.get();
      second.get();
      long words = findings.list().stream().filter(f -> f.check() == Check.GLOBAL_RACE).count();
      assertThat(words).isEqualTo((long) expected * WORDS);
    }
  }

  private static void run(
      GlobalAccess access, int cta, String what, Slice x, CountDownLatch ready) {
    long[] addresses = new long[32];
    int[] bindings = new int[32];
    Arrays.fill(bindings, 1);
    access.beginCta(cta);
    ready.countDown();
    try {
      ready.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    for (int word = 0; word < WORDS; word++) {
      InstructionSite site = new InstructionSite("k.ptx", word + 1, what);
      addresses[0] = x.address() + 4L * word;
      switch (what) {
        case "load" -> access.load(site, 0, 1, addresses, bindings, 4);
        case "store" -> access.store(site, 0, 1, addresses, bindings, 4);
        default -> access.atomic(site, 0, 1, addresses, bindings, 4);
      }
    }
  }
}
