package org.mirror4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.EncoderSettings;

class ExecutorCoresTest {
  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "local | 1 | 1",
        "local[*] | 0 | 0",
        "local[3] | 3 | 3",
        "local[3,2] | 3 | 3",
        "local[4 , 2] | 4 | 4",
        "local-cluster[2,5,1024] | 5 | 8",
        "spark://host:7077 | 0 | 8",
        "yarn | 1 | 8",
        "k8s://https://host | 1 | 8"
      })
  void coresOfEachMaster(String master, int unset, int eight) {
    assertThat(ExecutorCores.of(conf(master))).isEqualTo(new ExecutorCores(unset, 1));
    assertThat(ExecutorCores.of(conf(master).set("spark.executor.cores", "8")))
        .isEqualTo(new ExecutorCores(eight, 1));
    assertThat(ExecutorCores.of(conf(master).set("spark.task.cpus", "4")).taskCores()).isEqualTo(4);
  }

  private static EncoderSettings settings(int threads, int engines) {
    return EncoderSettings.DEFAULT.withThreads(threads).withEngines(engines);
  }

  /** An engine for each task that runs at once, and all cores among them, where nothing is set. */
  @Test
  void whatIsNotSetIsShared() {
    EncoderSettings plain = EncoderSettings.DEFAULT;
    assertThat(new ExecutorCores(8, 1).share(plain)).isEqualTo(settings(8, 8));
    assertThat(new ExecutorCores(8, 3).share(plain)).isEqualTo(settings(8, 2));
    assertThat(new ExecutorCores(2, 4).share(plain)).isEqualTo(settings(2, 1));
    int all = Runtime.getRuntime().availableProcessors();
    assertThat(new ExecutorCores(0, 1).share(plain)).isEqualTo(settings(all, all));
    assertThat(new ExecutorCores(8, 1).share(plain.withThreads(3))).isEqualTo(settings(3, 3));
    assertThat(new ExecutorCores(8, 1).share(plain.withEngines(2))).isEqualTo(settings(8, 2));
    assertThat(new ExecutorCores(1, 1).share(plain.withEngines(2))).isEqualTo(settings(2, 2));
    assertThat(new ExecutorCores(8, 1).share(settings(5, 2))).isEqualTo(settings(5, 2));
  }
}
