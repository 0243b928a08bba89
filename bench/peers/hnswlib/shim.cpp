// A C face of hnswlib (header-only, Apache-2.0) for the comparison in bench/Curator.Benchmarks: build, save, load, search one query on one thread.
#include <hnswlib/hnswlib.h>

#include <string>

namespace {
struct Index {
    hnswlib::InnerProductSpace space;
    hnswlib::HierarchicalNSW<float>* graph;
};
}

extern "C" {

void* peer_create(int dimension, size_t rows, int links, int ef_construction) {
    auto* index = new Index{hnswlib::InnerProductSpace(dimension), nullptr};
    index->graph = new hnswlib::HierarchicalNSW<float>(&index->space, rows, links, ef_construction, 1);
    return index;
}

void* peer_load(const char* path, int dimension, size_t rows) {
    auto* index = new Index{hnswlib::InnerProductSpace(dimension), nullptr};
    try {
        index->graph = new hnswlib::HierarchicalNSW<float>(&index->space, std::string(path), false, rows);
        return index;
    } catch (...) {
        delete index;
        return nullptr;
    }
}

void peer_add(void* handle, const float* row, size_t label) { static_cast<Index*>(handle)->graph->addPoint(row, label); }

int peer_save(void* handle, const char* path) {
    try {
        static_cast<Index*>(handle)->graph->saveIndex(std::string(path));
        return 1;
    } catch (...) {
        return 0;
    }
}

// Fills labels with the nearest first; returns how many.
int peer_search(void* handle, const float* query, int k, int ef, long* labels) {
    auto* graph = static_cast<Index*>(handle)->graph;
    graph->setEf(ef);
    auto found = graph->searchKnn(query, k);
    int count = static_cast<int>(found.size());
    for (int i = count - 1; i >= 0; i--, found.pop()) labels[i] = static_cast<long>(found.top().second);
    return count;
}

void peer_free(void* handle) {
    auto* index = static_cast<Index*>(handle);
    delete index->graph;
    delete index;
}

}
