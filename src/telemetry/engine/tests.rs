//! What each engine says, at least two versions of each, in texts of the shape that they give.

use super::*;
use proptest::prelude::*;

fn said(text: &str) -> (Engine, Vec<(&'static str, Absence)>) {
    let mut reading = Reading::new(crate::domain::Nanos(0));
    read(text, &mut reading);
    let absent = reading.absent.iter().map(|a| (a.what, a.why)).collect();
    (reading.engine.unwrap_or_default(), absent)
}

const NOT: Absence = Absence::NotSupported;

#[test]
fn vllm_v0() {
    let (engine, absent) = said(
        "# HELP vllm:num_requests_running Number of requests currently running on GPU.\n\
         # TYPE vllm:num_requests_running gauge\n\
         vllm:num_requests_running{model_name=\"m\"} 7.0\n\
         vllm:num_requests_swapped{model_name=\"m\"} 0.0\n\
         vllm:num_requests_waiting{model_name=\"m\"} 3.0\n\
         vllm:gpu_cache_usage_perc{model_name=\"m\"} 0.42\n\
         vllm:cpu_cache_usage_perc{model_name=\"m\"} 0.0\n\
         vllm:gpu_prefix_cache_hit_rate{model_name=\"m\"} 0.35\n\
         vllm:num_preemptions_total{model_name=\"m\"} 2.0\n\
         vllm:prompt_tokens_total{model_name=\"m\"} 1.2e+06\n\
         vllm:generation_tokens_total{model_name=\"m\"} 340000.0\n",
    );
    let want = Engine {
        name: "vllm",
        running: Some(7.0),
        waiting: Some(3.0),
        cache_used: Some(0.42),
        cache_hits: None,
        cache_queries: None,
        preemptions: Some(2.0),
        tokens_in: Some(1.2e6),
        tokens_out: Some(340_000.0),
    };
    assert_eq!((engine, absent), (want, vec![("cache_hits", NOT), ("cache_queries", NOT)]));
}

#[test]
fn vllm_v1_counts_blocks_at_first_and_tokens_later() {
    let early = |info: &str| {
        format!(
            "vllm:num_requests_running{{model_name=\"m\"}} 1\nvllm:num_requests_waiting{{model_name=\"m\"}} 0\n\
             vllm:gpu_cache_usage_perc{{model_name=\"m\"}} 0.1\n{info}\
             # HELP vllm:gpu_prefix_cache_queries_total GPU prefix cache queries, in terms of number of queried blocks.\n\
             vllm:gpu_prefix_cache_queries_total{{model_name=\"m\"}} 100\n\
             # HELP vllm:gpu_prefix_cache_hits_total GPU prefix cache hits, in terms of number of cached blocks.\n\
             vllm:gpu_prefix_cache_hits_total{{model_name=\"m\"}} 25\n\
             vllm:num_preemptions_total{{model_name=\"m\"}} 0\nvllm:prompt_tokens_total{{model_name=\"m\"}} 5\n\
             vllm:generation_tokens_total{{model_name=\"m\"}} 6\n"
        )
    };
    let (engine, absent) = said(&early("vllm:cache_config_info{block_size=\"16\",cache_dtype=\"auto\"} 1\n"));
    assert_eq!((engine.cache_queries, engine.cache_hits, absent), (Some(1600.0), Some(400.0), vec![]));
    let (engine, absent) = said(&early(""));
    assert_eq!((engine.cache_hits, engine.cache_queries, absent), (None, None, vec![("cache_hits", NOT)]));

    // Two engines of one server, each with its series.
    let (engine, absent) = said(
        "vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 4\nvllm:num_requests_running{engine=\"1\",model_name=\"m\"} 6\n\
         vllm:num_requests_waiting{engine=\"0\",model_name=\"m\"} 1\nvllm:num_requests_waiting{engine=\"1\",model_name=\"m\"} 0\n\
         vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"m\"} 0.5\nvllm:kv_cache_usage_perc{engine=\"1\",model_name=\"m\"} 0.7\n\
         # HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.\n\
         vllm:prefix_cache_queries_total{engine=\"0\"} 1000\nvllm:prefix_cache_queries_created{engine=\"0\"} 1.7e9\n\
         # HELP vllm:prefix_cache_hits_total Prefix cache hits, in terms of number of cached tokens.\n\
         vllm:prefix_cache_hits_total{engine=\"0\"} 640\nvllm:num_preemptions_total{engine=\"0\"} 3\n\
         vllm:prompt_tokens_total{engine=\"0\"} 11\nvllm:prompt_tokens_total{engine=\"1\"} 12\nvllm:generation_tokens_total{engine=\"0\"} 13\n",
    );
    assert_eq!((engine.running, engine.waiting, engine.cache_used), (Some(10.0), Some(1.0), Some(0.6)));
    assert_eq!((engine.cache_hits, engine.cache_queries, engine.tokens_in), (Some(640.0), Some(1000.0), Some(23.0)));
    assert_eq!(absent, vec![]);
}

#[test]
fn sglang_with_colons_and_with_underscores() {
    let (old, absent) = said(
        "sglang:num_running_reqs{model_name=\"m\"} 12.0\nsglang:num_queue_reqs{model_name=\"m\"} 4.0\n\
         sglang:token_usage{model_name=\"m\"} 0.28\nsglang:cache_hit_rate{model_name=\"m\"} 0.0075\n\
         sglang:gen_throughput{model_name=\"m\"} 86.5\nsglang:prompt_tokens_total{model_name=\"m\"} 8128902.0\n\
         sglang:generation_tokens_total{model_name=\"m\"} 7557572.0\n",
    );
    assert_eq!((old.name, old.running, old.waiting, old.cache_used), ("sglang", Some(12.0), Some(4.0), Some(0.28)));
    assert_eq!((old.cache_hits, absent), (None, vec![("cache_hits", NOT), ("preemptions", NOT)]));
    let (new, absent) = said(
        "sglang_num_running_reqs{tp_rank=\"0\",pp_rank=\"0\"} 3\nsglang_num_running_reqs{tp_rank=\"1\",pp_rank=\"0\"} 3\n\
         sglang_num_queue_reqs{tp_rank=\"0\"} 0\nsglang_token_usage{tp_rank=\"0\"} 0.5\n\
         sglang_cached_tokens_total{cache_source=\"device\"} 400\nsglang_cached_tokens_total{cache_source=\"host\"} 100\n\
         sglang_cached_tokens_total{cache_source=\"total\"} 500\nsglang_num_retracted_requests_total 2\n\
         sglang_prompt_tokens_total 1000\nsglang_generation_tokens_total 300\n",
    );
    assert_eq!((new.running, new.cache_hits, new.cache_queries), (Some(3.0), Some(500.0), Some(1000.0)));
    assert_eq!((new.preemptions, absent), (Some(2.0), vec![]));
}

#[test]
fn llama_cpp_before_and_after_its_cache_became_one() {
    let common = "# HELP llamacpp:prompt_tokens_total Number of prompt tokens processed.\n\
                  # TYPE llamacpp:prompt_tokens_total counter\nllamacpp:prompt_tokens_total 10\n\
                  llamacpp:tokens_predicted_total 20\nllamacpp:requests_processing 1\nllamacpp:requests_deferred 2\n";
    let (old, _) = said(&format!("{common}llamacpp:kv_cache_usage_ratio 0.25\nllamacpp:kv_cache_tokens 99\n"));
    assert_eq!((old.name, old.cache_used, old.running), ("llama.cpp", Some(0.25), Some(1.0)));
    let (new, absent) = said(&format!("{common}llamacpp:n_busy_slots_per_decode 1.5\n"));
    assert_eq!((new.tokens_in, new.tokens_out, new.waiting), (Some(10.0), Some(20.0), Some(2.0)));
    let want = ["cache_used", "cache_hits", "cache_queries", "preemptions"].map(|what| (what, NOT));
    assert_eq!((new.cache_used, absent), (None, want.to_vec()));
}

#[test]
fn tgi_with_summaries_and_with_histograms() {
    let old = "# TYPE tgi_request_generated_tokens summary\ntgi_request_generated_tokens{quantile=\"0.5\"} 20\n\
               tgi_request_generated_tokens_sum 5000\ntgi_request_generated_tokens_count 100\n\
               tgi_request_input_length_sum 18000\ntgi_queue_size 3\ntgi_batch_current_size 4\n";
    let new = "# TYPE tgi_request_generated_tokens histogram\ntgi_request_generated_tokens_bucket{le=\"+Inf\"} 100\n\
               tgi_request_generated_tokens_sum 5000\ntgi_request_generated_tokens_count 100\n\
               tgi_request_input_length_bucket{le=\"1\"} 0\ntgi_request_input_length_sum 18000\n\
               tgi_queue_size 3\ntgi_batch_current_size 4\ntgi_batch_current_max_tokens 4096\n";
    for text in [old, new] {
        let (engine, _) = said(text);
        assert_eq!((engine.name, engine.tokens_in, engine.tokens_out), ("tgi", Some(18_000.0), Some(5000.0)));
        assert_eq!((engine.running, engine.waiting), (Some(4.0), Some(3.0)));
    }
}

#[test]
fn nonsense_and_strangers_are_named() {
    let (engine, absent) =
        said("vllm:num_requests_running NaN\nvllm:num_requests_waiting -1\nvllm:kv_cache_usage_perc 55\n");
    assert_eq!((engine.running, engine.waiting, engine.cache_used), (None, None, None));
    let nonsense = absent.iter().filter(|(_, why)| *why == Absence::Nonsense).map(|(what, _)| *what);
    assert_eq!(nonsense.collect::<Vec<_>>(), ["running", "waiting", "cache_used"]);
    for stranger in ["", "process_cpu_seconds_total 1\n", "<!DOCTYPE html>\n<p>hello</p>\n"] {
        assert_eq!(said(stranger), (Engine::default(), vec![("all", Absence::Unreadable)]));
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(text in "(vllm:|sglang_|tgi_|llamacpp:)?[a-z_]{0,12}[ {}=\"a0-9.\\n-]{0,60}") {
        said(&text);
    }
}
